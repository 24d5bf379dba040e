"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), as they come in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx

from adapter.client.calls import Calls, refusal, unreachable

_SILENCE = 90.0
"""Seconds without a word, a comment included, after which a connection is taken for dead."""


class Sent(NamedTuple):
    """One event of a stream: `id` is the last one that was given, to resume after."""

    id: str
    event: str
    data: str


class Streaming(Calls):
    @asynccontextmanager
    async def _stream(
        self, path: str, *, params: Mapping[str, str] | None = None, after: str | None = None
    ) -> AsyncIterator[AsyncIterator[Sent]]:
        """The events of `path`, from the one after the id `after`; entered once the server has begun to answer.

        The iterator ends when the server ends the stream. Raises Unreachable when the connection breaks.
        """
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        async with self._open(path, params, headers) as answer:
            yield _events(_lines(answer.aiter_bytes()))

    @asynccontextmanager
    async def _download(self, path: str, *, params: Mapping[str, str]) -> AsyncIterator[AsyncIterator[bytes]]:
        """The answer's bytes as they come in. Raises Unreachable when the connection breaks."""
        async with self._open(path, params, {}) as answer:
            yield answer.aiter_bytes()

    @asynccontextmanager
    async def _open(
        self, path: str, params: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx.Response]:
        await self._ready()
        timeout = httpx.Timeout(self._http.timeout.connect, read=_SILENCE)
        headers = {**headers, **self._credentials()}
        try:
            async with self._http.stream("GET", path, params=params, headers=headers, timeout=timeout) as answer:
                if not answer.is_success:
                    await answer.aread()
                    raise refusal(answer)
                yield answer
        except httpx.TransportError as error:
            raise unreachable(error) from None


async def _lines(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Lines end as the standard says, not where Python and httpx also see an end: U+2028, U+0085."""
    rest = b""
    async for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[Sent]:
    last, event, data = "", "", list[str]()
    async for line in lines:
        name, _, text = line.partition(":")
        text = text.removeprefix(" ")
        if not line and data:
            yield Sent(last, event or "message", "\n".join(data))
        if not line:
            event, data = "", []
        elif name == "data":
            data.append(text)
        elif name == "event":
            event = text
        elif name == "id" and "\0" not in text:
            last = text
