"""Straight into an ASGI app of this process, with answers that are passed on while they are made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import httpx

_Message = MutableMapping[str, Any]
_App = Callable[[_Message, Callable[[], Awaitable[_Message]], Callable[[_Message], Awaitable[None]]], Awaitable[None]]


class InProcess(httpx.AsyncBaseTransport):
    """httpx's own ASGITransport hands an answer over when it has ended, which a live stream never does.

    A fault in the app is an answer with status 500, as it would be over the network.
    """

    def __init__(self, app: _App) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(await request.aread())
        exchange.task = asyncio.create_task(exchange.run(self._app, _scope(request)))
        try:
            status, headers = await exchange.started
        except asyncio.CancelledError:
            await exchange.aclose()
            raise
        return httpx.Response(status, headers=headers, stream=exchange)


def _scope(request: httpx.Request) -> dict[str, Any]:
    """The request as ASGI has it (the HTTP connection scope of its specification)."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        "client": None,  # the vault sees for itself where this process is
        "root_path": "",
    }


class _Exchange(httpx.AsyncByteStream):
    """One request and what is answered to it; closing it tells the app that nobody reads any more."""

    task: asyncio.Task[None]

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._parts: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._gone = asyncio.Event()
        self.started: asyncio.Future[tuple[int, list[tuple[bytes, bytes]]]] = asyncio.get_running_loop().create_future()

    async def run(self, app: _App, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._receive, self._send)
        except Exception:  # noqa: BLE001  the app's boundary: over the network this is an answer too
            self._start(500, [])
        finally:
            self._start(500, [])
            self._parts.put_nowait(None)

    async def _receive(self) -> _Message:
        if self._body is None:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _send(self, message: _Message) -> None:
        if message["type"] == "http.response.start":
            self._start(message["status"], list(message.get("headers", [])))
        elif message["type"] == "http.response.body" and message.get("body"):
            self._parts.put_nowait(message["body"])

    def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        if not self.started.done():
            self.started.set_result((status, headers))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (part := await self._parts.get()) is not None:
            yield part

    async def aclose(self) -> None:
        self._gone.set()
        if not self.task.done():
            self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task
