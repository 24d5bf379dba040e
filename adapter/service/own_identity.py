"""The adapter's own identity: the AppRole `status-adapter`, which may mint tokens and little else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotSignedIn, StatusError
from adapter.vault import tokens
from adapter.vault.session import Caller, Vault, VaultSession

REPLACE_BEFORE = 60.0
"""Seconds before its end at which the adapter's own token is replaced."""

CLOSING_SECONDS = 3.0
"""How long a process that ends waits for the vault to revoke what it held."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Held:
    token: SecretStr
    ends: float
    policies: frozenset[str]


class OwnIdentity:
    """Signs in when first needed, and anew before the token ends; the token stays in memory.

    It is replaced, not renewed: a renewed token keeps the policies that it was made with, and outlives its secret id,
    so what provisioning gives and takes would wait for the end of its longest life.
    """

    def __init__(
        self, vault: Vault, role_id: str, secret_id: SecretStr, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._vault = vault
        self._role_id = role_id
        self._secret_id = secret_id
        self._clock = clock
        self._held: _Held | None = None
        self._signing_in: asyncio.Task[_Held] | None = None

    async def use(self, caller: Caller, act: Callable[[VaultSession], Awaitable[T]]) -> T:
        """What `act` answers with this identity's session; the address and request id in the log are the caller's.

        Raises NotAllowed when the vault does not know this identity any more, and as `act` does.
        """
        held = await self._current(caller)
        try:
            return await act(self._session(caller, held.token))
        except NotSignedIn:  # revoked meanwhile, or the vault was restored
            self._drop(held)
            held = await self._current(caller)
            return await act(self._session(caller, held.token))

    async def holds(self, policy: str, caller: Caller) -> bool:
        """Whether this identity was provisioned with that policy, when it signed in."""
        return policy in (await self._current(caller)).policies

    async def sign_in_anew(self) -> None:
        """Let the next use sign in: what this identity may has changed."""
        held, self._held = self._held, None
        await self._revoke(held)

    async def aclose(self) -> None:
        """Revoke the token that is held. Silent where the vault does not answer in time: it ends by itself."""
        held, self._held = self._held, None
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._revoke(held)

    async def _current(self, caller: Caller) -> _Held:
        """Of many who need it at once, one signs in, and all have the same token, or the same error."""
        if self._held is not None and self._clock() <= self._held.ends - REPLACE_BEFORE:
            return self._held
        if self._signing_in is None:
            self._signing_in = asyncio.create_task(self._sign_in(caller))
            self._signing_in.add_done_callback(self._signed_in)
        return await asyncio.shield(self._signing_in)

    def _signed_in(self, task: asyncio.Task[_Held]) -> None:
        self._signing_in = None
        if not task.cancelled() and task.exception() is None:
            self._held = task.result()

    def _drop(self, held: _Held) -> None:
        """Another may have signed in meanwhile: that token stays."""
        if self._held is held:
            self._held = None

    async def _sign_in(self, caller: Caller) -> _Held:
        session = self._session(caller, SecretStr(""))
        try:
            auth = await tokens.login_approle(session, self._role_id, self._secret_id, self._vault.approle_mount)
        except (Invalid, NotAllowed, NotSignedIn):
            raise NotAllowed(
                "The adapter's own identity was refused by the vault, so it cannot act for you.",
                hint="Whoever runs it checks STATUS_ADAPTER_ROLE_ID and STATUS_ADAPTER_SECRET_ID_FILE.",
            ) from None
        return _Held(SecretStr(auth.client_token), self._clock() + auth.lease_duration, frozenset(auth.policies))

    def _session(self, caller: Caller, token: SecretStr) -> VaultSession:
        return self._vault.session(replace(caller, token=token, reason="", client="adapter", counted=False))

    async def _revoke(self, held: _Held | None) -> None:
        if held is not None:
            with suppress(StatusError):  # it ends by itself
                await tokens.revoke_self(self._vault.session(Caller(held.token, client="adapter")))
