"""Why a secret may not be working: each cause is found, and what to do is said."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from adapter.model.address import Address
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.access.test_components import token_of
from tests.support.server import People, Server

SCOPE = "environment/staging"


@pytest.fixture
async def secret(api: httpx.AsyncClient, people: People, fresh: str) -> str:
    body = {"name": fresh, "type": "PASSWORD", "value": "v", "scope": SCOPE}
    assert (await api.post("/secrets", json=body, headers=people["developer"].headers)).status_code == 201
    return f"environment~staging~{fresh}"


async def ask(api: httpx.AsyncClient, headers: dict[str, str], secret: str, **who: str) -> dict[str, Any]:
    answer = await api.get(f"/secrets/{secret}/diagnose", params=who, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def found(diagnosis: dict[str, Any], check: str) -> list[tuple[str, str]]:
    return [(one["result"], one["message"]) for one in diagnosis["findings"] if one["check"] == check]


async def test_all_is_well(api: httpx.AsyncClient, people: People, secret: str) -> None:
    diagnosis = await ask(api, people["viewer"].headers, secret)
    assert {one["result"] for one in diagnosis["findings"] if one["check"] != "uses"} == {"ok"}
    assert found(diagnosis, "uses")[0][0] == "unknown"
    assert "check whether the value itself is right" in diagnosis["summary"]


async def test_deleted_and_without_a_value(api: httpx.AsyncClient, people: People, secret: str) -> None:
    developer = people["developer"].headers
    assert (await api.delete(f"/secrets/{secret}/versions/1", headers=developer)).status_code == 200
    diagnosis = await ask(api, developer, secret)
    assert found(diagnosis, "version") == [("problem", "Its current version 1 is deleted.")]
    assert diagnosis["summary"] == "Its current version 1 is deleted."


async def test_expired(api: httpx.AsyncClient, server: Server, people: People, fresh: str) -> None:
    admin, scope = people["admin"].headers, f"custom/{fresh}"
    for expired, words in (("serve", "still handed out"), ("refuse", "hands out no expired")):
        place = f"{scope}-{expired}"
        await api.post("/scopes", json={"scope": place, "expired": expired}, headers=admin)
        body = {"name": "s", "type": "PASSWORD", "value": "v", "scope": place}
        await api.post("/secrets", json=body, headers=admin)
        async with server.vault() as vault:
            store = KvStore(vault.session(Caller(server.token)))
            await store.patch_custom(Address(f"{place}/s"), {"expires_at": "2020-01-01T00:00:00Z"})
        ((result, message),) = found(await ask(api, admin, f"{place.replace('/', '~')}~s"), "expiry")
        assert result == "problem"
        assert words in message


async def test_whoever_may_not_see_it_is_told_the_same_of_one_that_is_not_there(
    api: httpx.AsyncClient, people: People, secret: str
) -> None:
    outsider = people["outsider"].headers
    there = await ask(api, outsider, secret)
    missing = await ask(api, outsider, f"{secret}x")
    assert there["findings"] == missing["findings"]
    assert found(there, "scope") == [("problem", f"It is in {SCOPE}; you hold no role there.")]
    assert "or none that you may see" in there["summary"]
    assert "There is no such secret." in (await ask(api, people["admin"].headers, f"{secret}x"))["summary"]


async def test_a_component(
    watching: httpx.AsyncClient, server: Server, people: People, secret: str, fresh: str
) -> None:
    api, admin = watching, people["admin"].headers
    added = await api.post("/components", json={"name": fresh, "scopes": ["global"]}, headers=admin)
    token = await token_of(server, added.json())
    value = f"/secrets/{secret}/value"
    assert (await api.post(value, json={}, headers={"X-Vault-Token": token})).status_code == 404
    refused = await until(api, admin, secret, fresh, "lastRefused")
    assert refused["lastGood"] is None
    (right,) = found(refused, "right")
    assert right[0] == "problem"
    assert f"Missing: USE in {SCOPE}" in right[1]
    assert found(refused, "uses")[0][0] == "problem"
    grant = {"who": f"component:{fresh}", "scope": SCOPE}
    await api.post("/grants", json=grant, headers=admin)
    assert (await api.post(value, json={}, headers={"X-Vault-Token": token})).status_code == 200
    good = await until(api, admin, secret, fresh, "lastGood")
    assert {one["result"] for one in good["findings"]} == {"ok"}
    assert good["lastGood"]["component"]
    listed = (await api.get("/components", headers=admin)).json()
    (mine,) = [one for one in listed if one["name"] == fresh]
    assert mine["lastUsedAt"] == good["lastGood"]["time"]
    await api.post("/access/disable", json={"who": f"component:{fresh}"}, headers=admin)
    off = await ask(api, admin, secret, component=fresh)
    assert ("problem", "The component is disabled.") in found(off, "signing_in")


async def until(
    api: httpx.AsyncClient, headers: dict[str, str], secret: str, component: str, name: str
) -> dict[str, Any]:
    """As soon as the log has been read so far."""
    deadline = time.monotonic() + 30
    while True:
        diagnosis = await ask(api, headers, secret, component=component)
        if diagnosis[name] is not None or time.monotonic() > deadline:
            return diagnosis
        await asyncio.sleep(0.05)


async def test_about_others_only_an_admin_learns(api: httpx.AsyncClient, people: People, secret: str) -> None:
    diagnosis = await ask(api, people["developer"].headers, secret, person=people["viewer"].name)
    ((result, message),) = found(diagnosis, "right")
    assert (result, "ADMIN" in message) == ("unknown", True)
    known = await ask(api, people["admin"].headers, secret, person=people["outsider"].name)
    assert found(known, "right")[0][0] == "problem"
    assert "Missing: USER" in found(known, "right")[0][1]


async def test_what_cannot_be_asked(api: httpx.AsyncClient, people: People, secret: str) -> None:
    admin = people["admin"].headers
    for params, status in (
        ({"component": "a", "person": "b"}, 400),
        ({"component": "A B"}, 400),
        ({"component": "not-there"}, 404),
        ({"person": "nobody-of-that-name"}, 404),
    ):
        answer = await api.get(f"/secrets/{secret}/diagnose", params=params, headers=admin)
        assert answer.status_code == status, params
