"""The adapter's own identity, and the tokens it mints to copy a value for somebody who may not read it.

It mints only after the person's own token has written the act's intent, so the vault has decided that they may.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotSignedIn
from adapter.model.address import Address, Scope
from adapter.model.roles import act_policy_name
from adapter.settings import Settings, own_secret_id
from adapter.vault import tokens
from adapter.vault.session import Caller, Vault, VaultSession

ACT_SECONDS = 30
RENEW_BEFORE = 60.0
"""Seconds before its end at which the adapter's own token is replaced."""


@dataclass(frozen=True, slots=True)
class Behalf:
    """For whom, and for what, an act token is minted; all of it stands in the vault's log.

    `records`: the SHA-256 of the records of the versions that are read.
    """

    act: str
    secret: Address
    person: str
    entity_id: str
    request_id: str
    records: str

    def meta(self) -> dict[str, str]:
        return {
            "act": self.act,
            "secret": self.secret.path,
            "person": self.person,
            "entity_id": self.entity_id,
            "request": self.request_id,
            "records": self.records,
        }


class ActingIdentity:
    """Signs in with the AppRole `status-adapter` when first needed; its token stays in memory."""

    def __init__(
        self, vault: Vault, role_id: str, secret_id: SecretStr, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._vault = vault
        self._role_id = role_id
        self._secret_id = secret_id
        self._clock = clock
        self._token: SecretStr | None = None
        self._ends = 0.0

    async def mint(self, behalf: Behalf, scope: Scope, uses: int) -> SecretStr:
        """A token of `uses` uses and 30 seconds that may copy versions within `scope`.

        Raises NotAllowed when the vault does not know this identity any more, and as its requests do.
        """
        try:
            return await self._mint(behalf, scope, uses)
        except NotSignedIn:  # revoked meanwhile, or the vault was restored
            self._token = None
            return await self._mint(behalf, scope, uses)

    async def _mint(self, behalf: Behalf, scope: Scope, uses: int) -> SecretStr:
        session = await self._session(behalf.request_id)
        body = {
            "policies": [act_policy_name(scope)],
            "ttl": f"{ACT_SECONDS}s",
            "num_uses": uses,
            "display_name": behalf.person,
            "meta": behalf.meta(),
        }
        return SecretStr((await tokens.mint(session, "status-act", body)).client_token)

    async def _session(self, request_id: str) -> VaultSession:
        if self._token is None or self._clock() > self._ends - RENEW_BEFORE:
            anyone = self._vault.session(Caller(SecretStr(""), client="adapter", request_id=request_id))
            try:
                auth = await tokens.login_approle(anyone, self._role_id, self._secret_id, self._vault.approle_mount)
            except (Invalid, NotAllowed, NotSignedIn):
                raise NotAllowed(
                    "The adapter's own identity was refused by the vault, so it cannot act for you.",
                    hint="Whoever runs it checks STATUS_ADAPTER_ROLE_ID and STATUS_ADAPTER_SECRET_ID_FILE.",
                ) from None
            self._token = SecretStr(auth.client_token)
            self._ends = self._clock() + auth.lease_duration
        return self._vault.session(Caller(self._token, client="adapter", request_id=request_id))


def acting_identity(settings: Settings, vault: Vault) -> ActingIdentity | None:
    """The adapter's own identity, where the settings give it one. Raises Invalid for a file that is not there."""
    secret_id = own_secret_id(settings)
    if settings.adapter_role_id is None or secret_id is None:
        return None
    return ActingIdentity(vault, settings.adapter_role_id, secret_id)
