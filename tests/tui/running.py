"""The terminal UI in front of an adapter that runs already."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from adapter.client import AsyncClient
from statustui.app import StatusApp
from statustui.backend import Started


class RunningBackend:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def start(self, report: Callable[[str], None]) -> Started:
        return Started(self._client, "test vault")

    async def stop(self) -> None:
        await self._client.aclose()

    def confirm_shown(self) -> None:
        raise AssertionError("there was no first run")


@asynccontextmanager
async def app_for(api: httpx.AsyncClient) -> AsyncIterator[StatusApp]:
    backend = RunningBackend(AsyncClient(str(api.base_url), transport=api._transport, name="tui/test"))
    yield StatusApp(backend)
    await backend.stop()
