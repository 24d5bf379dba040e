"""Values while the vault is slow, busy or changing hands, and while a token ends: a real server, a bad network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest

from adapter.api.app import create_app
from adapter.model.address import Address
from adapter.model.moves import Mark
from adapter.model.records import Origin, VersionRecord, iso
from adapter.settings import load_settings
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.api.conftest import Make
from tests.support.relay import Relay, relay
from tests.support.server import Person, Server, component

PLACE = "environment/production"


@asynccontextmanager
async def behind(server: Server, **settings: object) -> AsyncIterator[tuple[httpx.AsyncClient, Relay]]:
    """An adapter whose way to the vault goes through a relay."""
    async with relay(server.url) as network:
        app = create_app(load_settings(vault_addr=network.url, vault_cacert=server.cacert, **settings))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1", timeout=60) as api,
        ):
            yield api, network


async def test_a_slow_vault_is_waited_for_up_to_the_timeout(server: Server, user: Person, make: Make) -> None:
    path = f"/secrets/{await make()}/value"
    async with behind(server, timeout=2.0) as (api, network):
        assert (await api.post(path, json={}, headers=user.headers)).status_code == 200
        network.delay = 1.0
        assert (await api.post(path, json={}, headers=user.headers)).json()["value"] == "c4n4ry"
        network.delay = 10.0
        begun = time.monotonic()
        late = await api.post(path, json={}, headers=user.headers)
        assert (late.status_code, late.json()["code"]) == (502, "unreachable")
        assert "in time" in late.json()["detail"]
        assert 1.9 < time.monotonic() - begun < 4


async def test_dropped_connections_are_survived(server: Server, user: Person, make: Make, fresh: str) -> None:
    path = f"/secrets/{await make()}/value"
    async with behind(server) as (api, network):
        assert (await api.post(path, json={}, headers=user.headers)).status_code == 200
        for _ in range(3):  # a leader that goes: what was open is cut, and the next attempts fail at first
            network.cut()
            network.drop = 2
            answer = await api.post(path, json={}, headers=user.headers)
            assert (answer.status_code, answer.json()["value"]) == (200, "c4n4ry")
        network.cut()
        network.drop = 1000
        gone = await api.post(path, json={}, headers=user.headers)
        assert (gone.status_code, gone.json()["code"]) == (502, "unreachable")


async def test_a_rate_limit_is_passed_on(
    api: httpx.AsyncClient, server: Server, user: Person, make: Make, fresh: str
) -> None:
    path = f"/secrets/{await make()}/value"
    where = f"status/data/{PLACE}/{fresh}"
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        quota = {"path": where, "rate": 1, "interval": "60s", "block_interval": "60s"}
        await root.send("POST", "sys/quotas/rate-limit", fresh, body=quota)
        try:
            answers = [await api.post(path, json={}, headers=user.headers) for _ in range(3)]
            refused = answers[-1]
            assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
            assert 1 <= int(refused.headers["Retry-After"]) <= 60
            body = {"refs": [f"secret://{PLACE}/{fresh}", f"secret://{PLACE}/{fresh}x"]}
            results = (await api.post("/resolve", json=body, headers=user.headers)).json()["results"]
            assert [result["error"] for result in results] == ["rate_limited", "not_found"]
            alone = await api.post("/resolve", json={"refs": [f"secret://{PLACE}/{fresh}"]}, headers=user.headers)
            assert (alone.status_code, "Retry-After" in alone.headers) == (429, True)
        finally:
            await root.send("DELETE", "sys/quotas/rate-limit", fresh)


async def test_a_token_that_ends_in_the_middle(api: httpx.AsyncClient, server: Server, make: Make, fresh: str) -> None:
    await make()
    few = await component(server, PLACE, num_uses=5)
    refs = [f"secret://{PLACE}/{fresh}?version=1#value"] + [f"secret://{PLACE}/{fresh}x{n}" for n in range(30)]
    answer = await api.post("/resolve", json={"refs": refs}, headers=few.headers)
    codes = {result.get("error") for result in answer.json()["results"]}
    assert answer.status_code == 200
    # OpenBao says 500 to what it had begun with a token that it revokes in this moment.
    assert codes <= {None, "not_found", "not_signed_in", "outcome_unknown"}
    assert "not_signed_in" in codes
    again = await api.post("/resolve", json={"refs": refs}, headers=few.headers)
    assert (again.status_code, again.json()["code"]) == (401, "not_signed_in")


async def test_many_at_once_while_connections_break(server: Server, user: Person, make: Make) -> None:
    path = f"/secrets/{await make()}/value"
    async with behind(server) as (api, network):

        async def cut_now_and_then() -> None:
            for _ in range(6):
                await asyncio.sleep(0.02)
                network.cut()

        cutting = asyncio.create_task(cut_now_and_then())
        answers = await asyncio.gather(*(api.post(path, json={}, headers=user.headers) for _ in range(60)))
        await cutting
    assert {answer.status_code for answer in answers} <= {200, 502}
    assert all(answer.json()["value"] == "c4n4ry" for answer in answers if answer.status_code == 200)


async def test_no_value_while_a_rename_is_half_done(
    api: httpx.AsyncClient, server: Server, user: Person, make: Make, fresh: str
) -> None:
    path = f"/secrets/{await make()}/value"
    now = iso(datetime.now(UTC))
    record = VersionRecord(by="somebody", at=now, op=Origin.RENAMED)
    mark = Mark("0123456789ab", record, now, other=Address(f"{PLACE}/{fresh}-new"))
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(server.token)))
        await store.patch_custom(Address(f"{PLACE}/{fresh}"), mark.encode())
        answer = await api.post(path, json={}, headers=user.headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        results = (
            await api.post("/resolve", json={"refs": [f"secret://{PLACE}/{fresh}"]}, headers=user.headers)
        ).json()["results"]
        assert results[0]["error"] == "conflict"
        await store.patch_custom(Address(f"{PLACE}/{fresh}"), dict.fromkeys(mark.encode()))
    assert (await api.post(path, json={}, headers=user.headers)).json()["value"] == "c4n4ry"


@pytest.mark.parametrize("size", [4 * 1024 * 1024 + 1, 50_000_000])
async def test_a_large_body_over_the_wire(size: int) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(size // 65536 + 1):
            yield b"x" * 65536

    app = create_app(load_settings(vault_addr="http://127.0.0.1:1"))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as api,
    ):
        for path in ("/secrets/global~x/value", "/render"):
            answer = await api.post(path, content=chunks(), headers={"X-Vault-Token": "s.x"})
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
