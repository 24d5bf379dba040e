"""The few settings that a command for processes needs, read without what checks all of them.

They mean what `adapter.settings` says. Whatever is not plain is left to it, so that there is one set of errors.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapter.model.urls import check_url

_MOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_PREFIX = re.compile(r"(/[A-Za-z0-9._-]+)*")


@dataclass(frozen=True, slots=True)
class QuickSettings:
    """The names of `adapter.settings.Settings`, credentials as text that no repr shows."""

    vault_addr: str | None = None
    vault_token: str | None = field(default=None, repr=False)
    vault_cacert: Path | None = None
    vault_capath: Path | None = None
    vault_client_cert: Path | None = None
    vault_client_key: Path | None = None
    vault_tls_server_name: str | None = None
    vault_namespace: str | None = None
    adapter_url: str | None = None
    adapter_cacert: Path | None = None
    mount: str = "status"
    approle_mount: str = "status-approle"
    api_prefix: str = "/api/v1"
    timeout: float = 30.0
    role_id: str | None = None
    secret_id: str | None = field(default=None, repr=False)
    secret_id_file: Path | None = None
    token_file: Path | None = None


_NAMES = tuple(QuickSettings.__dataclass_fields__)


def quick_settings() -> QuickSettings:
    """Raises Invalid as `load_settings` does."""
    try:
        return _checked({name: text for name in _NAMES if (text := _from_environment(name))})
    except ValueError:
        return _from_all()


def _checked(given: dict[str, str]) -> QuickSettings:
    """Raises ValueError for what is better left to `load_settings`."""
    if os.environ.get("STATUS_CONFIG", os.devnull) != os.devnull or _usual_file().exists():
        raise ValueError("there is a settings file")
    if os.environ.get("BAO_SKIP_VERIFY") or os.environ.get("VAULT_SKIP_VERIFY"):
        raise ValueError("there is something to refuse")
    values: dict[str, Any] = dict(given)
    for name in ("vault_addr", "adapter_url"):
        if name in given:
            values[name] = check_url(given[name])
    for name, pattern in (("mount", _MOUNT), ("approle_mount", _MOUNT), ("api_prefix", _PREFIX)):
        if name in given and not pattern.fullmatch(given[name]):
            raise ValueError(name)
    if "timeout" in given:
        values["timeout"] = float(given["timeout"])
        if not 0 < values["timeout"] <= 600:
            raise ValueError("timeout")
    paths = ("vault_cacert", "vault_capath", "vault_client_cert", "vault_client_key")
    for name in (*paths, "adapter_cacert", "secret_id_file", "token_file"):
        if name in given:
            values[name] = Path(given[name])
    return QuickSettings(**values)


def _from_environment(name: str) -> str | None:
    if name.startswith("vault_"):
        short = name.removeprefix("vault_").upper()
        return os.environ.get(f"BAO_{short}") or os.environ.get(f"VAULT_{short}")
    return os.environ.get(f"STATUS_{name.upper()}")


def _usual_file() -> Path:
    import platformdirs

    return platformdirs.user_config_path("status-secrets") / "config.toml"


def _from_all() -> QuickSettings:
    from adapter.settings import load_settings

    settings = load_settings()
    values = {name: getattr(settings, name) for name in _NAMES}
    for name in ("vault_token", "secret_id"):
        values[name] = values[name].get_secret_value() if values[name] is not None else None
    return QuickSettings(**values)
