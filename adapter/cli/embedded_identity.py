"""The identity of the embedded server's adapter, for a command of whoever owns that server's folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from adapter.settings import Settings
from dev_vault.layout import DataFolder
from dev_vault.lock import holder_of


def with_identity(settings: Settings) -> Settings:
    """Where the settings give none and name the embedded server that runs now, the identity in its folder."""
    if settings.adapter_role_id is not None:
        return settings
    for root in (settings.data_dir.expanduser(), *_named_by_its_ca(settings.vault_cacert)):
        folder = DataFolder(root)
        holder = holder_of(folder)
        if holder is not None and holder.url == (settings.vault_addr or "").rstrip("/"):
            with suppress(OSError):
                role_id = folder.role_id.read_text(encoding="utf-8").strip()
                return settings.model_copy(
                    update={"adapter_role_id": role_id, "adapter_secret_id_file": folder.secret_id}
                )
    return settings


def _named_by_its_ca(cacert: Path | None) -> list[Path]:
    """The folder whose `tls/ca.pem` the settings trust."""
    return [cacert.expanduser().parent.parent] if cacert is not None else []
