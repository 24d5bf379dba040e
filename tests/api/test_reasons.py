"""A scope that asks for the reason of every change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from adapter.model.address import Address
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.support.server import People, Server

SCOPE = "environment/development"


@pytest.fixture
async def asking(acting: httpx.AsyncClient, server: Server, people: People) -> AsyncIterator[httpx.AsyncClient]:
    if not server.own:
        pytest.skip("the scopes of a server that was given are others' too")
    settings = acting._transport.app.state.services.scope_settings  # type: ignore[attr-defined]
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(server.token)))
        await store.patch_custom(Address(f".scopes/{SCOPE}"), {"require_reason": "true"})
        settings.forget()
        try:
            yield acting
        finally:
            await store.patch_custom(Address(f".scopes/{SCOPE}"), {"require_reason": "false"})


async def test_every_change_needs_one(asking: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin = people["admin"].headers
    new = {"name": fresh, "type": "PASSWORD", "value": "one", "scope": SCOPE}

    async def refused_then_made(method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        refused = await asking.request(method, path, json=body, headers=admin)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason"), (method, path)
        assert SCOPE in refused.json()["detail"]
        made = await asking.request(method, path, json=body | {"reason": "why"}, headers=admin)
        assert made.is_success, made.text
        return made

    path = "/secrets/" + (await refused_then_made("POST", "/secrets", new)).json()["id"]
    await refused_then_made("POST", f"{path}/versions", {"value": "two"})
    await refused_then_made("PATCH", path, {"value": "three"})
    await refused_then_made("POST", f"{path}/rollback", {"version": 1})
    for method, change in (("DELETE", ""), ("POST", "/undelete"), ("POST", "/destroy")):
        await refused_then_made(method, f"{path}/versions/1{change}", {})
    path = "/secrets/" + (await refused_then_made("PATCH", path, {"name": f"{fresh}-n"})).json()["id"]
    path = "/secrets/" + (await refused_then_made("PATCH", path, {"scope": "global"})).json()["id"]
    path = "/secrets/" + (await refused_then_made("PATCH", path, {"scope": SCOPE})).json()["id"]
    assert (await asking.patch(path, json={"description": "details need none"}, headers=admin)).is_success
    header = admin | {"X-Status-Reason": "in the header"}
    assert (await asking.patch(path, json={"value": "four"}, headers=header)).is_success
    history = (await asking.get(f"{path}/versions", headers=admin)).json()
    assert [version["flags"] for version in history] == [[]] * 5
    await refused_then_made("DELETE", path, {})


async def test_what_the_cli_writes_without_one_is_flagged(
    asking: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    async with server.vault() as vault:
        session = vault.session(Caller(people["developer"].token))
        await session.send("POST", f"status/data/{SCOPE}/{fresh}", body={"data": {"value": "x"}})
    path = f"/secrets/{Address(f'{SCOPE}/{fresh}').id}/versions"
    (version,) = (await asking.get(path, headers=people["viewer"].headers)).json()
    assert version["flags"] == ["record_missing", "reason_missing"]
