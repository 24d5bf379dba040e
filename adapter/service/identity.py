"""Who a token belongs to: asked of Vault, kept for a moment, never a ground to allow anything."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic import SecretStr

from adapter.errors import NotAllowed
from adapter.model.roles import Role, held_roles
from adapter.vault.answers import TokenInfo
from adapter.vault.kv import KvStore
from adapter.vault.scopes import existing_scopes
from adapter.vault.session import VaultSession
from adapter.vault.tokens import lookup_self

REMEMBERED = 10.0
"""Seconds for which an answer of Vault about a token is used again."""

MOST_REMEMBERED = 1000

LESS_THAN_ADMIN = "STATUS says ADMIN. This vault takes that as DEVELOPER: it is not provisioned with --jwt-admin."


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller as Vault knows them. `roles` has a key a scope; `is_admin` stands for every scope.

    `notice`: why the roles are not what the caller may expect; empty when they are.
    """

    name: str
    entity_id: str
    expires_at: str | None
    roles: dict[str, Role]
    is_admin: bool
    notice: str = ""


def person_name(info: TokenInfo, sign_ins: Iterable[str]) -> str:
    """The sign-in name: what the auth method put into the token's metadata, else its display name.

    userpass, LDAP and STATUS accounts have `username` there, AppRole `role_name`. The vault puts the mount before a
    display name; it is taken off where it is one of `sign_ins`, as the audit view does, so that both name people alike.
    """
    meta = info.meta or {}
    named = meta.get("username") or meta.get("role_name", "").removeprefix("status-component-")
    if named:
        return named
    mount = next((one for one in ("token", *sign_ins) if info.display_name.startswith(f"{one}-")), "")
    return info.display_name.removeprefix(f"{mount}-" if mount else "") or "unknown"


class Identities:
    """The answers of the last seconds, by the token's SHA-256. Nothing here that another process would miss."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[bytes, tuple[float, Identity]] = {}

    async def of(self, session: VaultSession) -> Identity:
        """The caller of a session. Raises NotSignedIn for a token that Vault does not accept."""
        key = _key(session.caller.token)
        kept = self._kept.get(key)
        now = self._clock()
        if kept is not None and kept[0] > now:
            return kept[1]
        identity = await _ask(session)
        if len(self._kept) >= MOST_REMEMBERED:
            self._kept = {old: entry for old, entry in self._kept.items() if entry[0] > now}
        self._kept[key] = (now + REMEMBERED, identity)
        return identity

    def forget(self, token: SecretStr) -> None:
        self._kept.pop(_key(token), None)


def _key(token: SecretStr) -> bytes:
    return hashlib.sha256(token.get_secret_value().encode()).digest()


async def _ask(session: VaultSession) -> Identity:
    info = await lookup_self(session)
    roles = held_roles([*info.policies, *info.identity_policies])
    is_admin = roles.pop("*", None) is Role.ADMIN or "root" in info.policies
    if is_admin:
        try:
            roles = {str(scope): Role.ADMIN for scope in await existing_scopes(KvStore(session))}
        except NotAllowed:
            roles = {}
    notice = LESS_THAN_ADMIN if not is_admin and (info.meta or {}).get("authority") == Role.ADMIN else ""
    return Identity(
        person_name(info, session.vault.sign_ins), info.entity_id, info.expire_time, roles, is_admin, notice
    )
