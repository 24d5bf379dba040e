"""What the API says when the vault is sealed, gone, slow or busy: real servers where one can be brought to it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from yarl import URL

from adapter.api.app import create_app
from adapter.errors import Invalid, OutcomeUnknown, RateLimited, Unreachable
from adapter.model.address import Address
from adapter.settings import load_settings
from adapter.vault import Caller, Connection, Vault, VaultSession
from adapter.vault.kv import KvStore
from adapter.vault.transport import redirected
from tests.support.bao import free_port, running_bao
from tests.support.server import People, Server

BODY = {"name": "x", "type": "PASSWORD", "value": "c4n4ry"}
TOKEN = {"X-Vault-Token": "s.whatever"}
LOGIN = {"method": "userpass", "username": "developer", "password": "c4n4ry"}


@asynccontextmanager
async def adapter_for(url: str, cacert: Path | None = None) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(load_settings(vault_addr=url, vault_cacert=cacert))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as client,
    ):
        yield client


async def answers(api: httpx.AsyncClient) -> list[httpx.Response]:
    return [
        await api.post("/auth/login", json=LOGIN),
        await api.get("/secrets", headers=TOKEN),
        await api.get("/secrets/global~x", headers=TOKEN),
        await api.post("/secrets", json=BODY, headers=TOKEN),
        await api.patch("/secrets/global~x", json={"value": "c4n4ry"}, headers=TOKEN),
        await api.delete("/secrets/global~x", headers=TOKEN),
        await api.post("/secrets/global~x/value", json={}, headers=TOKEN),
        await api.post("/secrets/global~x/value", json={"wrap": "60s"}, headers=TOKEN),
        await api.post("/resolve", json={"refs": ["secret://global/x", "secret://global/y"]}, headers=TOKEN),
        await api.post("/hydrate", json={"controls": [{"params": {"secretRefs": [{"name": "x"}]}}]}, headers=TOKEN),
        await api.post("/render", json={"document": ["secret://global/x"], "partial": True}, headers=TOKEN),
        await api.get("/events", headers=TOKEN),
    ]


def test_sealed_then_gone(tmp_path: Path) -> None:
    async def seal(server: Server) -> None:
        async with server.vault() as vault, adapter_for(server.url, server.cacert) as api:
            assert (await api.get("/health")).json()["status"] == "ok"
            await vault.session(Caller(server.token)).send("POST", "sys/seal")
            while (await api.get("/health")).status_code == 200:  # it answers before it is sealed
                await asyncio.sleep(0.05)
            for answer in await answers(api):
                assert (answer.status_code, answer.json()["code"]) == (503, "sealed")
                assert "c4n4ry" not in answer.text
            health = await api.get("/health")
            assert (health.status_code, health.json()["status"]) == (503, "sealed")

    async def gone(server: Server) -> None:
        async with adapter_for(server.url, server.cacert) as api:
            for answer in await answers(api):
                assert (answer.status_code, answer.json()["code"]) == (502, "unreachable")
            health = await api.get("/health")
            assert (health.status_code, health.json()["status"]) == (503, "unreachable")

    with running_bao(tmp_path / "data") as server:
        asyncio.run(seal(server))
    asyncio.run(gone(server))


async def test_a_certificate_of_another_ca_is_not_trusted(server: Server) -> None:
    if not server.url.startswith("https"):
        pytest.skip("the server that was given has no TLS")
    async with adapter_for(server.url) as api:
        answer = await api.get("/secrets", headers=TOKEN)
        assert (answer.status_code, answer.json()["code"]) == (502, "unreachable")
        assert "certificate" in answer.json()["detail"]


async def test_a_rate_limit_is_waited_for_and_then_told(server: Server, people: People, fresh: str) -> None:
    async with server.vault(mount=fresh) as vault:
        root = vault.session(Caller(server.token))
        await root.send("POST", "sys/mounts", fresh, body={"type": "kv", "options": {"version": "2"}})
        try:
            await mount_is_ready(root, fresh)
            quota = {"path": f"{fresh}/", "rate": 1, "interval": "1s", "block_interval": "60s"}
            await root.send("POST", "sys/quotas/rate-limit", fresh, body=quota)
            with pytest.raises(RateLimited) as caught:
                await asyncio.gather(*(KvStore(root).children("") for _ in range(10)))
            assert caught.value.hint
        finally:
            await root.send("DELETE", "sys/quotas/rate-limit", fresh)
            await root.send("DELETE", "sys/mounts", fresh)


async def mount_is_ready(session: VaultSession, mount: str) -> None:
    """A new KV v2 mount answers 400 for a moment."""
    for _ in range(50):
        try:
            await session.send("GET", mount, "config")
        except Invalid:
            await asyncio.sleep(0.1)
        else:
            return


@asynccontextmanager
async def listener(answer: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A port that reads a request and answers `answer`, or hangs up (b""), or says nothing (None)."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n"))
        if answer is None:
            await asyncio.sleep(60)
        writer.write(answer or b"")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port := free_port())
    try:
        yield f"http://127.0.0.1:{port}", seen
    finally:
        server.close()


async def test_a_write_without_an_answer_is_of_unknown_outcome_and_not_repeated() -> None:
    for answer, timeout in ((b"", 5.0), (None, 0.2)):
        async with listener(answer) as (url, seen), Vault(Connection(url, timeout=timeout)) as vault:
            with pytest.raises(OutcomeUnknown):
                await vault.session(Caller(SecretStr("x"))).send("POST", "status/data/x", body={})
            assert len(seen) == 1


async def test_a_read_without_an_answer_is_tried_again() -> None:
    async with listener(b"") as (url, seen), Vault(Connection(url, timeout=5.0)) as vault:
        with pytest.raises(Unreachable):
            await vault.session(Caller(SecretStr("x"))).send("GET", "status/data/x")
        assert len(seen) > 1


async def test_an_answer_that_is_no_vaults_is_an_error() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<html>hi</html>"
    async with listener(page) as (url, _), adapter_for(url) as api:
        answer = await api.get("/secrets", headers=TOKEN)
        assert (answer.status_code, answer.json()["code"]) == (500, "outcome_unknown")
        assert "Vault or OpenBao" in answer.json()["hint"]


def test_certificate_checks_are_strict(server: Server) -> None:
    context = Connection(server.url, cacert=server.cacert).ssl_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


async def test_a_fault_of_ours_is_told_without_its_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("c4n4ry")

    monkeypatch.setattr("adapter.service.signing_in.me", broken)
    app = create_app(load_settings(vault_addr="http://127.0.0.1:1"))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as api,
    ):
        answer = await api.get("/me", headers=TOKEN)
    assert (answer.status_code, answer.json()["code"]) == (500, "outcome_unknown")
    assert "c4n4ry" not in answer.text + caplog.text
    assert "ValueError" in caplog.text


async def test_a_hung_vault_takes_no_longer_than_the_timeout() -> None:
    async with listener(None) as (url, seen), Vault(Connection(url, timeout=0.3)) as vault:
        with pytest.raises(Unreachable):
            await KvStore(vault.session(Caller(SecretStr("x")))).metadata(Address("global/x"))
        assert len(seen) == 1


@pytest.mark.parametrize("location", ["http://vault.example/v1/x", "ftp://127.0.0.1/", "//vault.example:x/", ""])
def test_a_token_follows_no_redirect_to_an_unsafe_place(location: str) -> None:
    with pytest.raises(Unreachable):
        redirected(URL("https://vault.example/v1/x"), location)
    if "example" in location or not location:
        with pytest.raises(Unreachable):
            redirected(URL("http://127.0.0.1:8200/v1/x"), location)


async def test_a_standby_sends_us_on_to_the_active_node(server: Server) -> None:
    if not server.url.startswith("https"):
        pytest.skip("the server that was given has no TLS")
    assert str(redirected(URL(server.url + "/v1/x"), "/v1/y")) == server.url + "/v1/y"
    answer = b"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nConnection: close\r\nLocation: %s\r\n\r\n"
    async with listener(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}") as (active, seen):
        there = answer % f"{active}/v1/sys/x".encode()
        async with listener(there) as (standby, _), Vault(Connection(standby)) as vault:
            status, _ = await vault.session(Caller(SecretStr("x"))).send("POST", "sys/x", body={})
    assert (status, len(seen)) == (200, 1)
    assert seen[0].startswith(b"POST /v1/sys/x")
