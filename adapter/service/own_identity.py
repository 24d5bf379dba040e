"""The adapter's own identity: the AppRole `status-adapter`, which may mint tokens and little else."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotSignedIn
from adapter.vault import tokens
from adapter.vault.session import Caller, Vault, VaultSession

RENEW_BEFORE = 60.0
"""Seconds before its end at which the adapter's own token is replaced."""

T = TypeVar("T")


class OwnIdentity:
    """Signs in when first needed; its token stays in memory."""

    def __init__(
        self, vault: Vault, role_id: str, secret_id: SecretStr, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._vault = vault
        self._role_id = role_id
        self._secret_id = secret_id
        self._clock = clock
        self._token: SecretStr | None = None
        self._ends = 0.0
        self._policies: frozenset[str] = frozenset()

    async def use(self, caller: Caller, act: Callable[[VaultSession], Awaitable[T]]) -> T:
        """What `act` answers with this identity's session; the address and request id in the log are the caller's.

        Raises NotAllowed when the vault does not know this identity any more, and as `act` does.
        """
        try:
            return await act(await self._session(caller))
        except NotSignedIn:  # revoked meanwhile, or the vault was restored
            self._token = None
            return await act(await self._session(caller))

    async def holds(self, policy: str, caller: Caller) -> bool:
        """Whether this identity was provisioned with that policy."""
        await self._session(caller)
        return policy in self._policies

    async def _session(self, caller: Caller) -> VaultSession:
        mine = replace(caller, token=SecretStr(""), reason="", client="adapter", counted=False)
        if self._token is None or self._clock() > self._ends - RENEW_BEFORE:
            try:
                auth = await tokens.login_approle(
                    self._vault.session(mine), self._role_id, self._secret_id, self._vault.approle_mount
                )
            except (Invalid, NotAllowed, NotSignedIn):
                raise NotAllowed(
                    "The adapter's own identity was refused by the vault, so it cannot act for you.",
                    hint="Whoever runs it checks STATUS_ADAPTER_ROLE_ID and STATUS_ADAPTER_SECRET_ID_FILE.",
                ) from None
            self._token = SecretStr(auth.client_token)
            self._ends = self._clock() + auth.lease_duration
            self._policies = frozenset(auth.policies)
        return self._vault.session(replace(mine, token=self._token))
