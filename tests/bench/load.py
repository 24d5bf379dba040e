"""A load generator that costs little: raw requests over connections that are kept, the next one after each answer."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Measured:
    """`times`: seconds of each request that was answered within `seconds`; of one at least on each connection."""

    seconds: float
    times: list[float] = field(repr=False)

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    @property
    def median(self) -> float:
        return statistics.median(self.times)


class _Connection(asyncio.Protocol):
    """Sends the same request again and again; an answer other than 200 fails the run."""

    def __init__(self, request: bytes, times: list[float]) -> None:
        self._request, self._times = request, times
        self._until = 0.0
        self._first = True
        self._answer = b""
        self._begun = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def start(self, until: float) -> None:
        self._until = until
        self._send()

    def _send(self) -> None:
        self._answer = b""
        self._begun = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, blank, body = self._answer.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return
        now = time.perf_counter()
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(AssertionError(head[:40].decode("latin-1")))
            self._transport.close()
            return
        if self._first or now < self._until:
            self._times.append(now - self._begun)
        self._first = False
        if now < self._until:
            self._send()
        else:
            self.done.set_result(None)
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the connection was closed"))


def _length(head: bytes) -> int:
    lower = head.lower()
    _, found, rest = lower.partition(b"content-length:")
    if found:
        return int(rest.partition(b"\r\n")[0])
    return 0


async def load(host: str, port: int, request: bytes, *, connections: int, seconds: float) -> Measured:
    """How many of one request are answered by so many connections in that time."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    made = [await loop.create_connection(lambda: _Connection(request, times), host, port) for _ in range(connections)]
    begun = time.perf_counter()
    for _, protocol in made:
        protocol.start(begun + seconds)
    await asyncio.gather(*(protocol.done for _, protocol in made))
    return Measured(seconds or time.perf_counter() - begun, times)


def http(
    method: str, path: str, token: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """A request's bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"X-Vault-Token: {token}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")
