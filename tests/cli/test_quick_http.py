"""The quick commands' way to the server: a bad network, a standby, a busy server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from adapter.errors import NotFound, NotSignedIn, OutcomeUnknown, RateLimited, StatusError, Unreachable
from adapter.model.address import Address
from adapter.model.references import Reference
from adapter.vault import Caller, Connection
from adapter.vault.quick import QuickVault
from tests.support.bao import free_port
from tests.support.relay import relay
from tests.support.server import People, Server, component

PLACE = "environment/staging"


def quick(url: str, token: str, server: Server | None = None, timeout: float = 10.0) -> QuickVault:
    connection = Connection(url, cacert=server.cacert if server else None, timeout=timeout)
    client = QuickVault(connection, mount="status", approle_mount="status-approle", client="test")
    client.use(token)
    return client


@asynccontextmanager
async def scripted(*answers: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answers requests with these bytes in turn, a connection each; and what was asked."""
    left, asked = list(answers), []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(65536))
        writer.write(left.pop(0) if left else b"")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port := free_port())
    try:
        yield f"http://127.0.0.1:{port}", asked
    finally:
        server.close()


def answer(status: str, body: bytes = b"{}", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


METADATA = answer("200 OK", b'{"data": {"current_version": 3}}')


def version(url: str) -> Callable[[], int]:
    return lambda: quick(url, "s.x").current_version(Address("global/x"))


async def test_connections_that_break_are_made_again(server: Server, people: People, fresh: str) -> None:
    user = await component(server, PLACE)
    async with server.vault() as vault:
        body = {"data": {"value": "c4n4ry"}}
        await vault.session(Caller(server.token)).send("POST", "status/data", PLACE, fresh, body=body)
    async with relay(server.url) as network:
        client = quick(network.url, user.token.get_secret_value(), server, timeout=2.0)
        reference = Reference(Address(f"{PLACE}/{fresh}"))

        async def resolve() -> object:
            return (await asyncio.to_thread(client.resolve, [reference]))[reference]

        network.drop = 2
        assert getattr(await resolve(), "value", None) == "c4n4ry"
        network.cut()
        assert getattr(await resolve(), "value", None) == "c4n4ry"
        network.delay = 30.0
        begun = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            await resolve()
        assert time.monotonic() - begun < 6
        client.close()


async def test_a_standby_sends_us_on_and_a_token_goes_nowhere_unsafe() -> None:
    async with scripted(METADATA) as (active, asked):
        there = answer("307 Temporary Redirect", b"", f"Location: {active}/v1/status/metadata/global/x")
        async with scripted(there) as (standby, _):
            assert await asyncio.to_thread(version(standby)) == 3
        assert b"X-Vault-Token: s.x" in asked[0]
    for place in ("http://vault.example/v1/x", "//vault.example/x", "ftp://127.0.0.1/", ""):
        async with scripted(answer("307 Temporary Redirect", b"", f"Location: {place}")) as (standby, _):
            with pytest.raises(Unreachable):
                await asyncio.to_thread(version(standby))


async def test_when_the_active_node_is_gone_the_address_that_was_given_is_asked_again() -> None:
    async with scripted(METADATA) as (active, _):
        there = answer("307 Temporary Redirect", b"", f"Location: {active}/v1/status/metadata/global/x")
        async with scripted(there, METADATA) as (standby, asked):
            client = quick(standby, "s.x")
            assert await asyncio.to_thread(client.current_version, Address("global/x")) == 3
            assert await asyncio.to_thread(client.current_version, Address("global/x")) == 3
            assert len(asked) == 2


async def test_a_busy_server_is_waited_for_a_little() -> None:
    busy = answer("429 Too Many Requests", b"{}", "Retry-After: 1")
    async with scripted(busy, METADATA) as (url, asked):
        assert await asyncio.to_thread(version(url)) == 3
        assert len(asked) == 2
    async with scripted(answer("429 Too Many Requests", b"{}", "Retry-After: 60")) as (url, asked):
        with pytest.raises(RateLimited):
            await asyncio.to_thread(version(url))
        assert len(asked) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (answer("200 OK", b"<html>"), OutcomeUnknown),
        (answer("404 Not Found", b'{"errors":[]}'), NotFound),
        (answer("403 Forbidden", b'{"errors":["permission denied"]}'), NotSignedIn),
        (answer("503 Unavailable", b'{"errors":["Vault is sealed"]}'), StatusError),
        (b"nonsense\r\n\r\n", Unreachable),
    ],
)
async def test_answers_that_are_none(content: bytes, kind: type[StatusError]) -> None:
    async with scripted(*[content] * 3) as (url, _):
        with pytest.raises(kind):
            await asyncio.to_thread(version(url))


async def test_a_sign_in_without_an_answer_is_not_repeated() -> None:
    async with scripted(b"") as (url, asked):
        with pytest.raises(OutcomeUnknown):
            await asyncio.to_thread(quick(url, "").sign_in, "role", "secret")
        assert len(asked) == 1


async def test_after_a_request_without_an_answer_comes_the_next() -> None:
    signed_in = answer("200 OK", b'{"auth": {"client_token": "s.y", "lease_duration": 60}}')
    async with scripted(b"", signed_in) as (url, _):
        client = quick(url, "")
        with pytest.raises(OutcomeUnknown):
            await asyncio.to_thread(client.sign_in, "role", "secret")
        assert await asyncio.to_thread(client.sign_in, "role", "secret") == 60


def test_a_token_that_cannot_stand_in_a_header() -> None:
    for token in ("a\nb", "é", "a\0"):
        with pytest.raises(NotSignedIn):
            quick("http://127.0.0.1:1", token)
