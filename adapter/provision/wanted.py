"""What a server must hold before STATUS's secrets can live on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adapter.model.address import GLOBAL, Scope
from adapter.vault.policies import Layout

AUDITED_HEADERS = ("X-Status-Client", "X-Status-Reason", "X-Status-Request")

ROTATION_INTERVAL = "720h0m0s"
"""How often an own server changes its barrier key (30 days); the servers' minimum is one day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The mounts, scopes and server-wide settings that provisioning establishes.

    `userpass_mount` None: people sign in otherwise; `people_mount` is where ADMIN manages user names all the same,
    because an earlier provisioning was asked for it. `own_server`: nobody else uses the server, so settings that
    reach beyond what is named `status…` are made as well. `jwt_admin`: whether STATUS accounts may be ADMIN, None for
    as it is. `audit_file`: where HashiCorp Vault shall log.
    """

    mount: str = "status"
    scopes: tuple[Scope, ...] = (GLOBAL,)
    userpass_mount: str | None = None
    approle_mount: str = "status-approle"
    own_server: bool = False
    jwt_admin: bool | None = None
    max_versions: int = 20
    audit_file: Path | None = None
    people_mount: str | None = None

    @property
    def layout(self) -> Layout:
        return Layout(self.mount, self.people_mount or self.userpass_mount, self.approle_mount)
