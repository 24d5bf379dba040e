"""The settings of an adapter in front of the embedded server."""

from __future__ import annotations

import os
from contextlib import suppress

from pydantic import SecretStr

from adapter.settings import Settings
from dev_vault.embedded import RunningVault
from dev_vault.layout import DataFolder
from dev_vault.process import bare_environment

DEFAULTS = ("mount", "userpass_mount", "approle_mount", "max_versions")
NAMED = (
    "vault_token",
    "vault_capath",
    "vault_client_cert",
    "vault_client_key",
    "vault_tls_server_name",
    "vault_namespace",
    "adapter_secret_id",
)


def adapter_settings(settings: Settings, vault: RunningVault) -> Settings:
    """`settings` with the embedded server in place of whatever server the user's environment or file names."""
    folder = DataFolder(vault.data_dir)
    role_id = None
    with suppress(OSError):
        role_id = folder.role_id.read_text(encoding="utf-8").strip()
    return settings.model_copy(
        update={
            **dict.fromkeys(NAMED),
            **{name: Settings.model_fields[name].default for name in DEFAULTS},
            "vault_addr": vault.url,
            "vault_cacert": vault.cacert,
            "server_kind": "openbao",
            "tls_cert": folder.server_cert,
            "tls_key": folder.server_key,
            "audit_log": (vault.audit_log,),
            "audit_index": folder.audit_index,
            "audit_seals": folder.audit_seals,
            "adapter_role_id": role_id,
            "adapter_secret_id_file": folder.secret_id if role_id else None,
        }
    )


def as_environment(settings: Settings) -> dict[str, str]:
    """The environment of an adapter process with these settings, and nothing else of ours."""
    values = {
        "VAULT_ADDR": settings.vault_addr,
        "VAULT_CACERT": settings.vault_cacert,
        "STATUS_CONFIG": os.devnull,
        "STATUS_SERVER_KIND": settings.server_kind,
        "STATUS_LISTEN": settings.listen,
        "STATUS_TLS_CERT": settings.tls_cert,
        "STATUS_TLS_KEY": settings.tls_key,
        "STATUS_TIMEOUT": settings.timeout,
        "STATUS_API_PREFIX": settings.api_prefix,
        "STATUS_ALLOWED_ORIGINS": ",".join(settings.allowed_origins),
        "STATUS_LOG_FORMAT": settings.log_format,
        "STATUS_LOG_LEVEL": settings.log_level,
        "STATUS_EVENTS_INTERVAL": settings.events_interval,
        "STATUS_TRUSTED_PROXIES": ",".join(settings.trusted_proxies),
        "STATUS_AUDIT_LOG": ",".join(map(str, settings.audit_log)),
        "STATUS_AUDIT_INDEX": settings.audit_index,
        "STATUS_AUDIT_KEEP_DAYS": settings.audit_keep_days,
        "STATUS_AUDIT_KEEP_MB": settings.audit_keep_mb,
        "STATUS_UNUSUAL_OFF": ",".join(settings.unusual_off),
        "STATUS_AUDIT_RECEIVE": str(settings.audit_receive),
        "STATUS_AUDIT_SEALS": settings.audit_seals,
        "STATUS_AUDIT_SEAL_EVERY": str(settings.audit_seal_every),
        "STATUS_ADAPTER_ROLE_ID": settings.adapter_role_id,
        "STATUS_ADAPTER_SECRET_ID_FILE": settings.adapter_secret_id_file,
        "STATUS_JWT_SECRET": _plain(settings.jwt_secret),
        "STATUS_JWT_SECRET_FILE": settings.jwt_secret_file,
        "STATUS_JWT_SECRET_PREVIOUS": _plain(settings.jwt_secret_previous),
        "STATUS_JWT_SECRET_PREVIOUS_FILE": settings.jwt_secret_previous_file,
        "STATUS_JWT_DEFAULT_SCOPES": ",".join(settings.jwt_default_scopes),
        "STATUS_AUTH_METHODS": ",".join(settings.auth_methods),
    }
    python = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    return bare_environment() | python | {name: str(value) for name, value in values.items() if value}


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
