"""Staying signed in as a component: the token is renewed in time, or a new one fetched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from adapter.client.calls import SIGNING_IN
from adapter.client.signing_in import SigningIn
from adapter.errors import Invalid, NotAllowed, NotSignedIn, StatusError
from adapter.model.records import parse_time
from adapter.model.signing_in import Me, SignedIn

SOONEST = 5.0
"""Seconds between two renewals, at least."""


class Staying(SigningIn):
    """After `stay_signed_in` each call is made with a token that stands, for as long as the secret id does."""

    _credentials_kept: tuple[str, SecretStr] | None = None
    _renew_at = 0.0
    _signing_in: asyncio.Lock | None = None

    async def stay_signed_in(self, role_id: str, secret_id: SecretStr) -> SignedIn:
        """Sign in as a component, now and whenever it is needed. Raises NotSignedIn when that is refused."""
        session = await self.login_with_approle(role_id, secret_id)
        self._credentials_kept = role_id, secret_id
        self._note(session)
        return session

    async def _send(
        self,
        method: str,
        path: str,
        *,
        content: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        token: SecretStr | None = None,
        repeat: bool | None = None,
        within: float | None = None,
    ) -> httpx.Response:
        if self._credentials_kept is None or path.startswith(SIGNING_IN):
            return await super()._send(
                method, path, content=content, params=params, token=token, repeat=repeat, within=within
            )
        await self._keep()
        used = self._token
        try:
            return await super()._send(method, path, content=content, params=params, repeat=repeat, within=within)
        except NotSignedIn:  # nothing was done: the token had ended, or was revoked
            await self._sign_in_anew(used)
            return await super()._send(method, path, content=content, params=params, repeat=repeat, within=within)

    async def _ready(self) -> None:
        """A token that was revoked is replaced before a stream begins: nothing else would see that it has ended."""
        if self._credentials_kept is not None:
            await self._send("GET", "me")

    async def _keep(self) -> None:
        if time.monotonic() < self._renew_at:
            return
        async with self._lock():
            if time.monotonic() < self._renew_at:
                return
            used = self._token
            if await self._renewed():
                return
        await self._sign_in_anew(used)

    async def _renewed(self) -> bool:
        """False: the token has ended, or cannot be renewed."""
        try:
            self._note(await self.renew())
        except (Invalid, NotAllowed, NotSignedIn):
            return False
        except StatusError:  # the token still stands, perhaps: the call to come says what is wrong
            self._renew_at = time.monotonic() + SOONEST
        return True

    async def _sign_in_anew(self, used: SecretStr | None) -> None:
        """Raises NotSignedIn, and as the call does."""
        async with self._lock():
            if self._token is used and self._credentials_kept is not None:  # else another call has done it
                self._note(await self.login_with_approle(*self._credentials_kept))

    def _note(self, session: Me) -> None:
        ends = parse_time(session.expires_at) if session.expires_at else None
        left = (ends - datetime.now(UTC)).total_seconds() if ends else float("inf")
        self._renew_at = time.monotonic() + max(left * 2 / 3, SOONEST)

    def _lock(self) -> asyncio.Lock:
        if self._signing_in is None:
            self._signing_in = asyncio.Lock()
        return self._signing_in
