"""STATUS accounts: a JSON Web Token of the platform is exchanged, once, for a token of the vault.

The vault token is minted through the token role `status-account`. It holds the account's authority in the scopes that
its entity `account-<user_id>` was granted, and ends no later than the JSON Web Token.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotSignedIn, StatusError
from adapter.model.accounts import entity_name, roles_of
from adapter.model.address import Scope
from adapter.model.roles import ADMIN_POLICY, JWT_ADMIN_POLICY, JWT_ADMIN_ROLE, Role, policy_name
from adapter.service.own_identity import OwnIdentity
from adapter.service.platform_jwt import SHORT_KEY, Claims, PlatformKeys, refused
from adapter.settings import Settings, jwt_keys
from adapter.vault import tokens
from adapter.vault.accounts import AccountEntity, account_entity
from adapter.vault.answers import Auth
from adapter.vault.session import Caller, Vault, VaultSession

log = logging.getLogger(__name__)

LOOKED_AT_AGAIN = 60.0
"""Seconds after which an account's grants are looked at again, so that a changed one takes effect."""

LONGEST = 86_400.0
"""Seconds of life that are asked for at most; the token role's own limit is shorter."""

MOST_KEPT = 10_000

CLOSING_SECONDS = 3.0
"""How long a process that ends waits for the vault to revoke what it kept."""

REVOKED_AT_ONCE = 16

_ADMIN = (ADMIN_POLICY,)


@dataclass(frozen=True, slots=True)
class _Exchanged:
    """`policies`: what the vault token was minted with; times by the clock of `Accounts`."""

    token: SecretStr
    policies: tuple[str, ...]
    ends: float
    looked_at: float


class Accounts:
    """The exchange. What it keeps is in memory, by the SHA-256 of the JSON Web Token, and ends with it."""

    def __init__(
        self,
        vault: Vault,
        keys: PlatformKeys,
        own: OwnIdentity,
        default_scopes: tuple[Scope, ...],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._vault = vault
        self._keys = keys
        self._own = own
        self.default_scopes = default_scopes
        self._clock = clock
        self._kept: dict[bytes, _Exchanged] = {}
        self._under_way: dict[bytes, asyncio.Task[SecretStr]] = {}

    async def token_for(self, jwt: SecretStr, caller: Caller) -> SecretStr:
        """The vault token of an account; `caller` says from where, for the vault's log.

        Raises NotSignedIn for a token that is not accepted, NotAllowed for an account that is disabled.
        """
        key = _key(jwt)
        kept = self._kept.get(key)
        now = self._clock()
        if kept is not None and kept.ends > now and kept.looked_at + LOOKED_AT_AGAIN > now:
            return kept.token
        task = self._under_way.get(key)
        if task is None:  # else several calls of one page would each have a token minted
            task = self._under_way[key] = asyncio.create_task(self._exchange(key, jwt, caller))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task)

    def forget(self, jwt: SecretStr, token: SecretStr) -> None:
        """The vault takes this token of an account's no more: the next call exchanges anew."""
        kept = self._kept.get(_key(jwt))
        if kept is not None and kept.token == token:  # else another call has exchanged anew already
            del self._kept[_key(jwt)]

    async def aclose(self) -> None:
        """Revoke what is kept. Silent where the vault does not answer in time: it ends with the JSON Web Tokens."""
        kept, self._kept = self._kept, {}
        caller, gate = Caller(SecretStr(""), client="adapter"), asyncio.Semaphore(REVOKED_AT_ONCE)

        async def revoke(one: _Exchanged) -> None:
            async with gate:
                await self._revoke(one, caller)

        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await asyncio.gather(*map(revoke, kept.values()))

    async def _exchange(self, key: bytes, jwt: SecretStr, caller: Caller) -> SecretStr:
        """An earlier exchange stays until it is known what comes of this one; then it is kept on or revoked."""
        old = self._kept.get(key)
        try:
            exchanged = await self._looked_at(key, jwt, old, caller)
        except (NotSignedIn, NotAllowed):
            self._kept.pop(key, None)
            await self._revoke(old, caller)
            raise
        self._keep(key, exchanged)
        if old is not None and old.token != exchanged.token:
            await self._revoke(old, caller)
        return exchanged.token

    async def _looked_at(self, key: bytes, jwt: SecretStr, old: _Exchanged | None, caller: Caller) -> _Exchanged:
        try:
            claims = self._keys.check(jwt)
        except (NotSignedIn, NotAllowed):
            await self._witness(key, caller)
            raise
        policies = await self._own.use(caller, lambda own: self._policies(own, claims, caller))
        if policies is None:
            await self._witness(key, caller)
            raise _disabled()
        now = self._clock()
        # An ADMIN's is minted anew each time: only so the vault is asked whether accounts may still be ADMIN.
        if old is not None and old.policies == policies != _ADMIN and old.ends > now:
            return replace(old, looked_at=now)
        return await self._minted(claims, policies, caller)

    async def _minted(self, claims: Claims, policies: tuple[str, ...], caller: Caller) -> _Exchanged:
        try:
            auth = await self._mint(claims, policies, caller)
        except NotAllowed:
            if policies != _ADMIN:
                raise
            await self._own.sign_in_anew()  # it may have been provisioned otherwise since
            now_held = await self._own.use(caller, lambda own: self._policies(own, claims, caller))
            if now_held is None:
                raise _disabled() from None
            policies = now_held
            auth = await self._mint(claims, policies, caller)
        now = self._clock()
        ends = min(claims.ends, now + auth.lease_duration)
        return _Exchanged(SecretStr(auth.client_token), policies, ends, now)

    async def _policies(self, own: VaultSession, claims: Claims, caller: Caller) -> tuple[str, ...] | None:
        """The policies of an account now; None for a disabled one."""
        entity = await account_entity(own, entity_name(claims.user_id)) or AccountEntity()
        if entity.disabled:
            return None
        if claims.authority is Role.ADMIN and await self._own.holds(JWT_ADMIN_POLICY, caller):
            return _ADMIN
        authority = Role.DEVELOPER if claims.authority is Role.ADMIN else claims.authority
        roles = roles_of(authority, entity.metadata or {}, self.default_scopes)
        return tuple(sorted(policy_name(role, scope) for scope, role in roles.items()))

    async def _mint(self, claims: Claims, policies: tuple[str, ...], caller: Caller) -> Auth:
        left = int(min(claims.ends - self._clock(), LONGEST))
        if left < 1:
            raise refused()
        body: dict[str, object] = {
            "policies": list(policies),
            "entity_alias": entity_name(claims.user_id),
            "explicit_max_ttl": f"{left}s",
            "display_name": claims.username,
            "meta": {
                "user_id": str(claims.user_id),
                "username": claims.username,
                "authority": str(claims.authority),
                "request": caller.request_id,
            },
        }
        role = JWT_ADMIN_ROLE if policies == _ADMIN else "status-account"
        try:
            return await self._own.use(caller, lambda own: tokens.mint(own, role, body))
        except NotSignedIn:  # an entity of another name holds the alias, and is disabled
            raise _disabled() from None
        except (Invalid, NotAllowed):
            raise NotAllowed(
                "The adapter's own identity may not sign STATUS accounts in.",
                hint="Whoever runs it provisions the vault again: status-secrets provision",
            ) from None

    def _keep(self, key: bytes, exchanged: _Exchanged) -> None:
        if len(self._kept) >= MOST_KEPT:
            now = self._clock()
            self._kept = {old: one for old, one in self._kept.items() if one.ends > now}
        if len(self._kept) >= MOST_KEPT:
            self._kept.pop(min(self._kept, key=lambda old: self._kept[old].ends))
        self._kept[key] = exchanged

    async def _witness(self, key: bytes, caller: Caller) -> None:
        """Show a refused attempt to the vault, as a token that is none, so that its log has it."""
        token = SecretStr(f"refused-jwt-{key.hex()}")
        with suppress(StatusError):
            await tokens.lookup_self(self._vault.session(replace(caller, token=token)))

    async def _revoke(self, old: _Exchanged | None, caller: Caller) -> None:
        if old is not None:
            with suppress(StatusError):  # it ends by itself
                await tokens.revoke_self(self._vault.session(replace(caller, token=old.token)))


def _key(jwt: SecretStr) -> bytes:
    return hashlib.sha256(jwt.get_secret_value().encode()).digest()


def _disabled() -> NotAllowed:
    return NotAllowed("This account is disabled.", hint="An ADMIN can enable it.")


def status_accounts(settings: Settings, vault: Vault, own: OwnIdentity | None) -> Accounts | None:
    """The exchange, where the settings have the platform's key and the adapter an identity to mint with.

    Raises Invalid for a key that is none.
    """
    keys = jwt_keys(settings)
    if any(len(key.get_secret_value().encode()) < SHORT_KEY for key in keys):
        log.warning("a key of STATUS's tokens is shorter than %d bytes: it can be guessed offline", SHORT_KEY)
    if not keys or own is None:
        return None
    scopes = tuple(Scope.parse(scope) for scope in settings.jwt_default_scopes)
    return Accounts(vault, PlatformKeys(keys), own, scopes)
