"""Reads over kept connections: the plain case is answered, whatever else happens is left to the usual way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from adapter.vault import reads
from adapter.vault.reads import Reads

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Listening:
    def __init__(self) -> None:
        self.connections = 0
        self.asked: list[bytes] = []
        self.url = ""


@asynccontextmanager
async def answering(
    answer: Callable[[int], bytes], *, close: bool = False, wait: float = 0
) -> AsyncIterator[Listening]:
    """A server that answers its n-th request with these bytes."""
    seen = Listening()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                seen.asked.append(request)
                reply = answer(len(seen.asked))
                await asyncio.sleep(wait)
                writer.write(reply)
                if close:
                    break
        except (asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
            pass  # the test has ended
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    seen.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield seen
    finally:
        server.close()


@asynccontextmanager
async def reading(url: str, timeout: float = 5.0) -> AsyncIterator[Reads]:
    one = Reads(url, None, None, timeout)
    try:
        yield one
    finally:
        one.close()


HEADERS = {"X-Vault-Token": "s.x", "X-Status-Reason": "größer"}


async def test_a_connection_is_kept() -> None:
    async with answering(lambda _: OK) as server, reading(server.url) as one:
        for _ in range(3):
            reply = await one.get("/v1/x?version=1", HEADERS)
            assert reply is not None
            assert (reply.status, reply.content) == (200, b"{}")
    assert server.connections == 1
    assert server.asked[0].startswith(b"GET /v1/x?version=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert "X-Status-Reason: größer\r\n".encode() in server.asked[0]


async def test_chunks_and_a_retry_after() -> None:
    chunks = (
        b"HTTP/1.1 429 Slow\r\nTransfer-Encoding: chunked\r\nRetry-After: 7\r\n\r\n2\r\n{}\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    async with answering(lambda _: chunks) as server, reading(server.url) as one:
        reply = await one.get("/v1/x", HEADERS)
        assert reply is not None
        assert (reply.status, reply.content, reply.retry_after) == (429, b"{}abc", "7")


async def test_a_server_that_closes_each_time() -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with answering(lambda _: closing, close=True) as server, reading(server.url) as one:
        for _ in range(3):
            assert await one.get("/v1/x", HEADERS) is not None
    assert server.connections == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 307 Away\r\nContent-Length: 0\r\nLocation: /y\r\n\r\n", OK[:-1]],
)
async def test_what_is_left_to_the_usual_way(content: bytes) -> None:
    async with answering(lambda _: content, close=True) as server, reading(server.url) as one:
        assert await one.get("/v1/x", HEADERS) is None
    async with reading("http://127.0.0.1:1") as one:
        assert await one.get("/v1/x", HEADERS) is None


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\0b"])
async def test_nothing_is_smuggled_into_the_head(value: str) -> None:
    async with answering(lambda _: OK) as server, reading(server.url) as one:
        assert await one.get("/v1/x", HEADERS | {"X-Status-Client": value}) is None
        assert await one.get(f"/v1/{value}", HEADERS) is None
    assert server.asked == []


async def test_an_answer_that_nobody_waits_for_any_more_is_given_to_no_other() -> None:
    def numbered(count: int) -> bytes:
        return OK.replace(b"{}", b"%02d" % count)

    async with answering(numbered, wait=0.3) as server, reading(server.url, timeout=0.1) as one:
        with pytest.raises(TimeoutError):
            await one.get("/v1/slow", HEADERS)
        one._timeout = 5.0
        replies = await asyncio.gather(*(one.get("/v1/x", HEADERS) for _ in range(4)))
        waiting = asyncio.create_task(one.get("/v1/x", HEADERS))
        await asyncio.sleep(0.05)
        waiting.cancel()
        last = await one.get("/v1/x", HEADERS)
    assert sorted(reply.content for reply in replies if reply) == [b"02", b"03", b"04", b"05"]
    assert last is not None
    assert last.content == b"07"


async def test_no_more_connections_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MOST_CONNECTIONS", 3)
    async with answering(lambda _: OK, wait=0.2) as server, reading(server.url) as one:
        replies = await asyncio.gather(*(one.get("/v1/x", HEADERS) for _ in range(5)))
        assert sum(reply is None for reply in replies) == 2
        assert await one.get("/v1/x", HEADERS) is not None
    assert server.connections == 3
