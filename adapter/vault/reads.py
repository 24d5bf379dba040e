"""Reads over connections that are kept: what aiohttp does too, at a third of its cost a request.

Only the plain case is dealt with here. Whatever else happens (no connection, no answer, a redirect) is answered with
None, and the caller asks once more in the usual way: a read may be repeated.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import httptools

MOST_CONNECTIONS = 64
_ELSEWHERE = frozenset({307, 308})


@dataclass(frozen=True, slots=True)
class Reply:
    """`retry_after`: that header's text."""

    status: int
    retry_after: str | None
    content: bytes = field(repr=False)


class _Line(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Reply | None] | None = None
        self.open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        self._finish(None)

    async def ask(self, request: bytes, loop: asyncio.AbstractEventLoop, seconds: float) -> Reply | None:
        """Raises TimeoutError."""
        assert self._transport is not None
        waiting: asyncio.Future[Reply | None] = loop.create_future()
        self._waiting = waiting
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._retry_after: str | None = None
        self._transport.write(request)
        timer = loop.call_later(seconds, self._late, waiting)
        try:
            return await waiting
        finally:
            timer.cancel()

    @staticmethod
    def _late(waiting: asyncio.Future[Reply | None]) -> None:
        if not waiting.done():
            waiting.set_exception(TimeoutError())

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:  # nobody asked: whatever it is, it is no answer
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()
            self._finish(None)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self._retry_after = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if not self._parser.should_keep_alive():
            self.close()
        self._finish(Reply(self._parser.get_status_code(), self._retry_after, b"".join(self._body)))

    def _finish(self, reply: Reply | None) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    def close(self) -> None:
        self.open = False
        if self._transport is not None:
            self._transport.close()


class Reads:
    """The connections to one server. Times are in seconds."""

    def __init__(self, url: str, tls: ssl.SSLContext | None, server_name: str | None, timeout: float) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if tls else 80)
        self._prefix = parts.path
        self._tls = tls
        self._server_name = (server_name or self._host) if tls else None
        self._timeout = timeout
        self._host_line = f" HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        self._idle: list[_Line] = []
        self._count = 0

    async def get(self, target: str, headers: Mapping[str, str]) -> Reply | None:
        """The answer to a GET of `target` (path and query, percent-encoded); None: ask in the usual way."""
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        head = f"GET {self._prefix}{target}{self._host_line}{lines}\r\n"
        if head.count("\n") != len(headers) + 3 or "\0" in head:
            return None
        loop = asyncio.get_running_loop()
        line = self._idle.pop() if self._idle and self._idle[-1].open else await self._line(loop)
        if line is None:
            return None
        try:
            reply = await line.ask(head.encode(), loop, self._timeout)
        except BaseException:  # whatever ends the wait: an answer that comes now is nobody's
            self._drop(line)
            raise
        if line.open:
            self._idle.append(line)
        else:
            self._count -= 1
        return None if reply is None or reply.status in _ELSEWHERE else reply

    async def _line(self, loop: asyncio.AbstractEventLoop) -> _Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.open:
                return line
            self._count -= 1
        if self._count >= MOST_CONNECTIONS:
            return None
        self._count += 1
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(10):
                _, made = await loop.create_connection(
                    _Line, self._host, self._port, ssl=self._tls, server_hostname=self._server_name
                )
                return made
        self._count -= 1
        return None

    def _drop(self, line: _Line) -> None:
        self._count -= 1
        line.close()

    def close(self) -> None:
        while self._idle:
            self._drop(self._idle.pop())
