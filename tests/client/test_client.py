"""The client: what it says when the other side is no adapter, or none that is trusted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from adapter.client import AsyncClient, trust
from adapter.errors import Invalid, NotSignedIn, OutcomeUnknown, RateLimited, StatusError, Unreachable
from tests.support.server import Server


def answering(status: int, content: bytes, headers: dict[str, str] | None = None) -> AsyncClient:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content, headers=headers))
    return AsyncClient("https://adapter.example/api/v1", transport=transport)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'[{"id": 1}]', b"\xff"])
async def test_an_answer_of_another_shape_is_an_error_of_ours(content: bytes) -> None:
    async with answering(200, content) as client:
        for call in (client.me, client.health, lambda: client.secret("x"), lambda: client.versions("x")):
            if content == b"[]" and call.__name__ == "<lambda>":
                continue
            with pytest.raises(OutcomeUnknown):
                await call()


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NotSignedIn), (403, StatusError), (404, StatusError), (500, OutcomeUnknown)]
)
async def test_a_refusal_without_a_problem_body(status: int, kind: type[StatusError]) -> None:
    async with answering(status, b"no problem") as client:
        with pytest.raises(kind):
            await client.me()


async def test_a_rate_limit_says_when_to_come_back() -> None:
    body = RateLimited("Slowly.").body()
    transport = httpx.MockTransport(lambda _: httpx.Response(429, json=body, headers={"Retry-After": "7"}))
    async with AsyncClient("https://adapter.example", transport=transport, attempts=1) as client:
        with pytest.raises(RateLimited) as caught:
            await client.me()
    assert caught.value.retry_after == 7


async def test_nobody_there() -> None:
    async with AsyncClient("http://127.0.0.1:1/api/v1") as client:
        with pytest.raises(Unreachable):
            await client.login("developer", SecretStr("c4n4ry"))
        assert "c4n4ry" not in repr(client)


def test_a_ca_file_that_is_none_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "not.pem").write_text("nothing")
    for file in (tmp_path / "missing.pem", tmp_path / "not.pem"):
        with pytest.raises(Invalid, match="CA"):
            trust(file)


async def test_a_certificate_that_is_not_trusted_is_said_so(server: Server) -> None:
    if not server.url.startswith("https:"):
        pytest.skip("the server that was given speaks no TLS")
    async with AsyncClient(server.url + "/api/v1", attempts=1) as client:
        with pytest.raises(Unreachable, match="certificate is not trusted") as caught:
            await client.me()
        assert "STATUS_ADAPTER_CACERT" in caught.value.hint
        with pytest.raises(Unreachable, match="certificate is not trusted"):
            await client.delete("x")


async def test_tls_where_there_is_none() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with AsyncClient(f"https://127.0.0.1:{port}/api/v1", attempts=1) as client:
            with pytest.raises(Unreachable, match="No TLS connection") as caught:
                await client.me()
            assert "http://" in caught.value.hint


async def test_an_event_is_cut_at_line_ends_only() -> None:
    """What somebody wrote as a reason may hold what other programs take for the end of a line."""
    reason = "a\u2028b\x85c"
    sent = f'id: 1\nevent: version\ndata: {{"id": "{reason}", "version": 1}}\r\n\r\n'.encode()
    parts = [sent[at : at + 5] for at in range(0, len(sent), 5)]

    async def body() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body()))
    async with AsyncClient("https://adapter.example", transport=transport) as client:
        assert [told.secret.id async for told in client.changes()] == [reason]
