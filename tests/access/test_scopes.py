"""Scopes: adding, settings, retiring, and that only an ADMIN may."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from adapter.errors import Conflict, StatusError
from adapter.model.address import Scope
from adapter.model.roles import Role, policy_name
from adapter.provision import apply, check
from adapter.service.scopes import entry_of
from adapter.vault import Caller, Vault, identity, turns
from adapter.vault.kv import KvStore
from tests.conftest import WANTED
from tests.support.server import People, Server


async def view(api: httpx.AsyncClient, people: People, scope: str) -> dict[str, Any] | None:
    answer = await api.get("/scopes", headers=people["admin"].headers)
    assert answer.status_code == 200, answer.text
    return next((one for one in answer.json() if one["scope"] == scope), None)


async def check_whole(vault: Vault, server: Server) -> None:
    """Provisioning would change nothing; on a server that was given, other workers are changing things meanwhile."""
    if server.own:
        assert await check(vault, server.token, WANTED) == []


async def add(api: httpx.AsyncClient, people: People, scope: str, **settings: Any) -> httpx.Response:
    return await api.post("/scopes", json={"scope": scope, **settings}, headers=people["admin"].headers)


async def test_a_scope_is_added_with_all_its_parts_and_used(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    scope = f"service/{fresh}"
    answer = await add(api, people, scope, requireReason=True, reason="billing moves in")
    assert answer.status_code == 201
    assert answer.json() == {
        "id": f"service~{fresh}", "scope": scope, "requireReason": True, "expired": "serve", "state": "ready",
        "secrets": 0, "people": 0, "accounts": 0, "components": 0,
    }  # fmt: skip
    async with server.vault() as vault:
        await check_whole(vault, server)
    body = {"name": "first", "type": "PASSWORD", "value": "v", "scope": scope, "reason": "new"}
    assert (await api.post("/secrets", json=body, headers=people["admin"].headers)).status_code == 201
    seen = await view(api, people, scope)
    assert seen is not None
    assert seen["secrets"] == 1


async def test_adding_again_changes_the_settings_that_are_sent(
    api: httpx.AsyncClient, people: People, fresh: str
) -> None:
    scope = f"custom/{fresh}"
    assert (await add(api, people, scope, requireReason=True)).status_code == 201
    changed = await add(api, people, scope, expired="refuse")
    assert (changed.status_code, changed.json()["expired"], changed.json()["requireReason"]) == (200, "refuse", True)
    assert (await add(api, people, scope)).json() == changed.json()


async def test_a_scope_with_secrets_is_not_retired_and_an_empty_one_leaves_nothing(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    scope, admin = f"environment/{fresh}", people["admin"].headers
    await add(api, people, scope)
    grant = {"who": f"person:{people['outsider'].name}", "role": "DEVELOPER", "scope": scope}
    assert (await api.post("/grants", json=grant, headers=admin)).status_code == 201
    body = {"name": "s", "type": "PASSWORD", "value": "v", "scope": scope}
    saved = await api.post("/secrets", json=body, headers=people["outsider"].headers)
    assert saved.status_code == 201, saved.text
    path = f"/scopes/environment~{fresh}"
    refused = await api.delete(path, headers=admin)
    assert refused.status_code == 409
    assert f"{scope} still holds 1 secret," in refused.json()["detail"]
    me = (await api.get("/me", headers=people["outsider"].headers)).json()
    assert me["roles"][scope] == "DEVELOPER"  # nothing was changed
    assert (await api.delete(f"/secrets/{saved.json()['id']}", headers=admin)).status_code == 204
    assert (await api.delete(path, headers=admin)).status_code == 204
    assert await view(api, people, scope) is None
    assert (await api.delete(path, headers=admin)).status_code == 404
    parsed = Scope.parse(scope)
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        left = await identity.names(session, "sys/policies/acl") + await identity.group_names(session)
        assert [name for name in left if name.endswith(parsed.slug)] == []
        await check_whole(vault, server)


async def test_a_scope_with_encryption_keys_is_not_retired(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin = people["admin"].headers
    await add(api, people, f"custom/{fresh}")
    key = {"name": "orders", "scope": f"custom/{fresh}"}
    assert (await api.post("/keys", json=key, headers=admin)).status_code == 201
    refused = await api.delete(f"/scopes/custom~{fresh}", headers=admin)
    assert (refused.status_code, "encryption keys" in refused.json()["detail"]) == (409, True)
    seen = await view(api, people, f"custom/{fresh}")
    assert seen is not None
    assert seen["state"] == "ready"


@pytest.mark.parametrize("step", ["policy", "group", "entry"])
async def test_what_is_half_there_shows_and_is_finished(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str, step: str
) -> None:
    scope = Scope.parse(f"custom/{fresh}")
    await add(api, people, str(scope))
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        match step:
            case "policy":
                await session.send("DELETE", "sys/policies/acl", policy_name(Role.USE, scope))
            case "group":
                await identity.delete_group(session, policy_name(Role.USER, scope))
            case _:
                await session.send("DELETE", "status/metadata/.scopes", str(scope))
    seen = await view(api, people, str(scope))
    assert seen is not None
    assert seen["state"] == "unfinished"
    assert (await add(api, people, str(scope))).json()["state"] == "ready"


async def test_a_retirement_that_was_cut_short_shows_and_is_finished_either_way(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    scope, path = f"custom/{fresh}", f"/scopes/custom~{fresh}"
    await add(api, people, scope)
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(server.token)))
        for end in ("added", "retired"):
            await store.patch_custom(entry_of(Scope.parse(scope)), {"retiring": "true"})
            await identity.delete_group(vault.session(Caller(server.token)), f"status-user-custom-{fresh}")
            seen = await view(api, people, scope)
            assert seen is not None
            assert seen["state"] == "retiring"
            if end == "added":
                assert (await add(api, people, scope)).json()["state"] == "ready"
            else:
                assert (await api.delete(path, headers=people["admin"].headers)).status_code == 204
    assert await view(api, people, scope) is None


@pytest.mark.parametrize("who", ["viewer", "developer", "outsider"])
async def test_only_an_admin_may_and_nobody_else_learns_which_scopes_there_are(
    api: httpx.AsyncClient, people: People, fresh: str, who: str
) -> None:
    headers = people[who].headers
    answers = [
        await api.get("/scopes", headers=headers),
        await api.post("/scopes", json={"scope": f"custom/{fresh}"}, headers=headers),
        await api.delete("/scopes/environment~staging", headers=headers),
        await api.delete(f"/scopes/custom~{fresh}", headers=headers),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1
    assert "ADMIN" in answers[0].json()["detail"]
    assert await view(api, people, f"custom/{fresh}") is None


@pytest.mark.parametrize(
    "scope", ["", "production", "environment/", "environment/A", "custom/a/b", "global/x", "custom/.."]
)
async def test_a_scope_that_is_none(api: httpx.AsyncClient, people: People, scope: str) -> None:
    answer = await add(api, people, scope)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "scope"


async def test_the_global_scope_stays(api: httpx.AsyncClient, people: People) -> None:
    answer = await api.delete("/scopes/global", headers=people["admin"].headers)
    assert answer.status_code == 400
    assert await view(api, people, "global") is not None


async def test_scopes_added_at_once_are_all_in_admins_policy(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    names = [f"custom/{fresh}{letter}" for letter in "abcd"]
    answers = await asyncio.gather(*(add(api, people, name) for name in names))
    assert [answer.status_code for answer in answers] == [201] * 4
    async with server.vault() as vault:
        await check_whole(vault, server)


async def test_a_turn_lasts_as_long_as_what_is_done_in_it(
    server: Server, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = 0.3 if server.own else 3
    monkeypatch.setattr(turns, "LEASE", lease)
    monkeypatch.setattr(turns, "PATIENCE", 60)
    order: list[str] = []

    async def work(store: KvStore, name: str, seconds: float) -> None:
        async with turns.own_turn(store, name):
            order.append(f"{name} begins")
            await asyncio.sleep(seconds)
            order.append(f"{name} ends")

    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(people["admin"].token)))
        slow = asyncio.create_task(work(store, "slow", 4 * lease))
        while not order:
            await asyncio.sleep(0.01)
        await work(store, "next", 0)
        await slow
    assert order == ["slow begins", "slow ends", "next begins", "next ends"]


async def test_provisioning_waits_for_who_changes_scopes(
    server: Server, people: People, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else ADMIN's policy would be written for the scopes as they were before."""
    monkeypatch.setattr(turns, "PATIENCE", 0.3)
    wanted = replace(WANTED, scopes=(Scope.parse(f"custom/{fresh}"),))
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(people["admin"].token)))
        async with turns.own_turn(store, "somebody"):
            with pytest.raises(Conflict, match="Somebody else"):
                await apply(vault, people["admin"].token, wanted)
        monkeypatch.setattr(turns, "PATIENCE", 60)
        await apply(vault, people["admin"].token, wanted)


async def test_a_turn_that_nobody_gives_back_ends_by_itself(
    server: Server, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LEASE", 0.3 if server.own else 5)
    monkeypatch.setattr(turns, "PATIENCE", 60)
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(people["admin"].token)))
        await turns._take(store, "somebody who dies")
        async with turns.own_turn(store, "next"):
            pass
        monkeypatch.setattr(turns, "LEASE", 60)
        async with turns.own_turn(store, "one"):
            monkeypatch.setattr(turns, "PATIENCE", 0.2)
            with pytest.raises(StatusError, match="Somebody else"):
                await turns._take(store, "another")
        monkeypatch.setattr(turns, "PATIENCE", 60)
        async with turns.own_turn(store, "later"):
            pass
