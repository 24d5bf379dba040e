"""The adapter's own identity, and the tokens it mints to copy a value for somebody who may not read it.

It mints only after the person's own token has written the act's intent, so the vault has decided that they may.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from adapter.model.address import Address
from adapter.service.own_identity import OwnIdentity
from adapter.settings import Settings, own_secret_id
from adapter.vault import tokens
from adapter.vault.session import Caller, Vault

ACT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Behalf:
    """For whom, and for what, an act token is minted; all of it stands in the vault's log.

    `records`: the SHA-256 of the records of the versions that are read. `to`: where a rename takes them.
    """

    act: str
    secret: Address
    person: str
    entity_id: str
    request_id: str
    records: str
    to: Address | None = None

    def meta(self) -> dict[str, str]:
        moving = {"to": self.to.path} if self.to else {}
        return moving | {
            "act": self.act,
            "secret": self.secret.path,
            "person": self.person,
            "entity_id": self.entity_id,
            "request": self.request_id,
            "records": self.records,
        }


class ActingIdentity:
    """Mints with the adapter's `own` identity."""

    def __init__(
        self, vault: Vault, role_id: str, secret_id: SecretStr, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.own = OwnIdentity(vault, role_id, secret_id, clock)

    async def mint(self, caller: Caller, behalf: Behalf, policy: str, uses: int) -> SecretStr:
        """A token of `uses` uses and 30 seconds that may what `policy` says; the log shows where `caller` called from.

        Raises NotAllowed when the vault does not know this identity any more, and as its requests do.
        """
        body = {
            "policies": [policy],
            "ttl": f"{ACT_SECONDS}s",
            "num_uses": uses,
            "display_name": behalf.person,
            "meta": behalf.meta(),
        }
        auth = await self.own.use(caller, lambda session: tokens.mint(session, "status-act", body))
        return SecretStr(auth.client_token)


def acting_identity(settings: Settings, vault: Vault) -> ActingIdentity | None:
    """The adapter's own identity, where the settings give it one. Raises Invalid for a file that is not there."""
    secret_id = own_secret_id(settings)
    if settings.adapter_role_id is None or secret_id is None:
        return None
    return ActingIdentity(vault, settings.adapter_role_id, secret_id)


@asynccontextmanager
async def acting_in(settings: Settings, vault: Vault) -> AsyncIterator[ActingIdentity | None]:
    """As `acting_identity`; what it holds is revoked at the end."""
    acting = acting_identity(settings, vault)
    try:
        yield acting
    finally:
        if acting is not None:
            await acting.own.aclose()
