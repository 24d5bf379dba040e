"""The adapter in front of the embedded server is told every setting of its user's, but for what the server decides."""

from __future__ import annotations

from pathlib import Path

from adapter.settings import Settings, load_settings
from dev_vault.adapter_settings import as_environment

OF_CLIENTS = {"adapter_url", "adapter_cacert", "role_id", "secret_id", "secret_id_file", "token_file", "data_dir"}
OF_THE_SERVER = {
    "vault_listen", "mount", "userpass_mount", "approle_mount", "max_versions", "adapter_secret_id", "vault_token",
    "vault_capath", "vault_client_cert", "vault_client_key", "vault_tls_server_name", "vault_namespace",
    "vault_skip_verify",
}  # fmt: skip
SPELLED_AS_VAULT = {"vault_addr", "vault_cacert"}


def test_no_setting_is_forgotten() -> None:
    given = {
        "vault_addr": "https://127.0.0.1:8200", "vault_cacert": Path("/ca.pem"), "tls_cert": "/c", "tls_key": "/k",
        "allowed_origins": "https://status.example", "trusted_proxies": "10.0.0.1", "audit_log": "/audit.log",
        "audit_index": "/i.db", "audit_seals": "/seals", "unusual_off": "new_user", "auth_methods": "ldap",
        "jwt_secret": "x" * 40, "jwt_secret_file": "/j", "jwt_secret_previous": "y" * 40, "adapter_role_id": "r",
        "jwt_secret_previous_file": "/p", "adapter_secret_id_file": "/s",
    }  # fmt: skip
    named = set(as_environment(load_settings(**given)))
    expected = Settings.model_fields.keys() - OF_CLIENTS - OF_THE_SERVER - SPELLED_AS_VAULT
    assert {name for name in expected if f"STATUS_{name.upper()}" not in named} == set()
