"""The adapter of this process in front of the embedded vault: what is said when that vault is gone."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from adapter.errors import Unreachable

START_ANEW = "or leave with ctrl+q and start STATUS Secrets again. What is stored is kept."


def gone(attached: bool) -> Unreachable:
    """`attached`: another process runs the vault."""
    if attached:
        return Unreachable(
            "The vault has gone: another STATUS Secrets on the same data folder ran it, and seems to have ended.",
            hint=f"Start that one again, {START_ANEW}",
        )
    return Unreachable(
        "The vault that this program started does not answer; it seems to have ended.",
        hint=f"Wait a moment, {START_ANEW}",
    )


class OwnVaultTransport(httpx.AsyncBaseTransport):
    """Passes on what `adapter` answers; of a vault that does not answer it says what is known here.

    The embedded vault has no address and no CA for the person to check.
    """

    def __init__(self, adapter: httpx.AsyncBaseTransport, attached: Callable[[], bool]) -> None:
        self._adapter = adapter
        self._attached = attached

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._adapter.handle_async_request(request)
        if answer.status_code != Unreachable.status:
            return answer
        await answer.aclose()
        return httpx.Response(Unreachable.status, json=gone(self._attached()).body())

    async def aclose(self) -> None:
        await self._adapter.aclose()
