"""Grants: giving and taking back roles, who has what, and that concurrent ones do not lose each other."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from adapter.api.app import create_app
from adapter.model.accounts import granted, roles_of
from adapter.model.address import GLOBAL, PRODUCTION, Scope
from adapter.model.roles import Role
from adapter.settings import load_settings
from adapter.vault import Caller, identity
from tests.support.server import People, Server


async def held(api: httpx.AsyncClient, people: People, **filters: str) -> list[tuple[str, str, str]]:
    answer = await api.get("/grants", params=filters, headers=people["admin"].headers)
    assert answer.status_code == 200, answer.text
    return [(one["who"], one["role"], one["scope"]) for one in answer.json()]


async def change(api: httpx.AsyncClient, people: People, method: str, **body: Any) -> httpx.Response:
    return await api.request(method, "/grants", json=body, headers=people["admin"].headers)


@pytest.fixture
async def scope(api: httpx.AsyncClient, people: People, fresh: str) -> str:
    name = f"custom/{fresh}"
    answer = await api.post("/scopes", json={"scope": name}, headers=people["admin"].headers)
    assert answer.status_code == 201, answer.text
    return name


async def test_a_role_is_given_and_taken_back_at_once(api: httpx.AsyncClient, people: People, scope: str) -> None:
    person = people["outsider"]
    who = f"person:{person.name}"
    body = {"name": "s", "type": "PASSWORD", "value": "v", "scope": scope}
    assert (await api.post("/secrets", json=body, headers=person.headers)).status_code == 403
    given = await change(api, people, "POST", who=who, role="DEVELOPER", scope=scope, reason="on call")
    assert given.status_code == 201
    assert given.json() == {
        "who": who, "kind": "person", "name": person.name, "role": "DEVELOPER", "scope": scope, "since": None,
        "by": None, "disabled": False,
    }  # fmt: skip
    assert (await change(api, people, "POST", who=who, role="developer", scope=scope)).status_code == 201
    assert await held(api, people, scope=scope, who=who) == [(who, "DEVELOPER", scope)]
    assert (await api.post("/secrets", json=body, headers=person.headers)).status_code == 201
    assert (await change(api, people, "DELETE", who=who, role="DEVELOPER", scope=scope)).status_code == 204
    assert (await change(api, people, "DELETE", who=who, role="DEVELOPER", scope=scope)).status_code == 404
    assert (await api.post("/secrets", json={**body, "name": "t"}, headers=person.headers)).status_code == 403
    assert await held(api, people, who=who) == []


async def test_everybody_is_listed_as_they_are_named(api: httpx.AsyncClient, people: People) -> None:
    found = await held(api, people)
    names = {key: people[key].name for key in people}
    assert (f"person:{names['viewer']}", "USER", "environment/staging") in found
    assert (f"person:{names['developer']}", "DEVELOPER", "global") in found
    assert (f"person:{names['admin']}", "ADMIN", "*") in found


async def test_an_accounts_scopes_are_metadata_of_its_entity(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    user_id = str(int(fresh[1:9], 16))
    who = f"account:{user_id}"
    for place, role in ((scope, "DEVELOPER"), ("environment/staging", "USER")):
        assert (await change(api, people, "POST", who=who, role=role, scope=place)).status_code == 201
    assert await held(api, people, who=who) == [(who, "DEVELOPER", scope), (who, "USER", "environment/staging")]
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        entity = await identity.entity_by_name(session, f"account-{user_id}")
        assert entity is not None
        assert not entity.group_ids
        mounts = await identity.auth_mounts(session)
        assert [(a.name, a.mount_accessor) for a in entity.aliases or ()] == [
            (f"account-{user_id}", mounts["token"].accessor)
        ]
        assert granted(identity.metadata_of(entity)) == {
            Scope.parse(scope): Role.DEVELOPER,
            Scope.parse("environment/staging"): Role.USER,
        }
    assert (await change(api, people, "POST", who=who, role="ADMIN")).status_code == 400
    assert (await change(api, people, "DELETE", who=who, role="DEVELOPER", scope=scope)).status_code == 204
    assert await held(api, people, who=who) == [(who, "USER", "environment/staging")]


def test_an_account_holds_its_authority_in_its_scopes() -> None:
    staging = Scope.parse("environment/staging")
    default = [GLOBAL, PRODUCTION]
    one = {"scope_environment-staging": "DEVELOPER", "team": "x", "scope_nonsense": "DEVELOPER"}
    assert roles_of(Role.DEVELOPER, one, default) == {GLOBAL: Role.USER, staging: Role.DEVELOPER}
    assert roles_of(Role.USER, one, default) == {GLOBAL: Role.USER, staging: Role.USER}
    assert roles_of(Role.DEVELOPER, {"scope_global": "USER"}, default) == {GLOBAL: Role.USER}
    assert roles_of(Role.DEVELOPER, {}, default) == {GLOBAL: Role.DEVELOPER, PRODUCTION: Role.DEVELOPER}
    assert roles_of(Role.DEVELOPER, {}, []) == {}


@pytest.mark.parametrize("mount", ["", "userpass/"])
async def test_a_user_without_an_entity_gets_one(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str, mount: str
) -> None:
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        await session.send("POST", "auth/userpass/users", fresh, body={"password": "p"})
    who = f"person:{mount}{fresh}"
    assert (await change(api, people, "POST", who=who, role="USER", scope=scope)).status_code == 201
    login = {"method": "userpass", "username": fresh.upper(), "password": "p"}
    roles = (await api.post("/auth/login", json=login)).json()["roles"]
    assert roles == {"global": "USER", scope: "USER"}


async def test_whoever_is_not_there_is_not_made(api: httpx.AsyncClient, people: People, scope: str, fresh: str) -> None:
    for who in (f"person:{fresh}", f"component:{fresh}"):
        answer = await change(api, people, "POST", who=who, role="USE" if "comp" in who else "USER", scope=scope)
        assert answer.status_code == 404, who
        assert fresh not in answer.text
    answer = await change(api, people, "POST", who="person:ldap/x", role="USER", scope=scope)
    assert answer.json()["errors"][0]["field"] == "who"
    for body in (
        {"who": f"person:{fresh}", "role": "USER", "scope": scope},
        {"who": "account:123456789", "role": "USER", "scope": scope},
    ):
        assert (await change(api, people, "DELETE", **body)).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"who": "erika", "role": "USER", "scope": "global"}, "who"),
        ({"who": "account:x", "role": "USER", "scope": "global"}, "who"),
        ({"who": "person:a/../b", "role": "USER", "scope": "global"}, "who"),
        ({"who": "person:", "role": "USER", "scope": "global"}, "who"),
        ({"who": "group:x", "role": "USER", "scope": "global"}, "who"),
        ({"who": "person:admin", "role": "ROOT", "scope": "global"}, "role"),
        ({"who": "person:admin", "role": "USE", "scope": "global"}, "role"),
        ({"who": "component:x", "role": "ADMIN"}, "role"),
        ({"who": "person:admin", "role": "USER"}, "scope"),
        ({"who": "person:admin", "role": "USER", "scope": "custom/not-there-at-all"}, "scope"),
        ({"who": "person:admin", "role": "ADMIN", "scope": "global"}, "scope"),
    ],
)
async def test_what_cannot_be_granted(api: httpx.AsyncClient, people: People, body: dict[str, str], field: str) -> None:
    answer = await change(api, people, "POST", **body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_since_when_and_by_whom_is_what_the_log_confirms(
    watching: httpx.AsyncClient, api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    who, account, admin = f"person:{people['outsider'].name}", f"account:{int(fresh[1:9], 16)}", people["admin"]
    for one in (who, account):
        assert (await change(watching, people, "POST", who=one, role="USER", scope=scope)).status_code == 201
    deadline = time.monotonic() + 30
    while True:
        answer = await watching.get("/grants", params={"scope": scope}, headers=admin.headers)
        found = {one["who"]: one for one in answer.json()}
        if (found[who]["since"] and found[account]["since"]) or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.05)
    assert found[who]["by"] == found[account]["by"] == admin.name
    answer = await api.get("/grants", params={"scope": scope}, headers=admin.headers)
    assert {one["since"] for one in answer.json() if one["scope"] == scope} == {None}  # no log is read there
    async with server.vault() as vault:  # a claim that the log does not confirm
        session = vault.session(Caller(server.token))
        entity = await identity.entity_by_name(session, f"person-{people['outsider'].name}")
        assert entity is not None
        key = f"since_user-{scope.replace('/', '-')}"
        assert key in identity.metadata_of(entity)
        forged = {**identity.metadata_of(entity), key: "2020-01-01T00:00:00.000Z somebody"}
        await identity.set_entity(session, entity.name, metadata=forged)
    answer = await watching.get("/grants", params={"who": who, "scope": scope}, headers=admin.headers)
    assert [(one["since"], one["by"]) for one in answer.json()] == [(None, None)]
    assert (await change(api, people, "DELETE", who=who, role="USER", scope=scope)).status_code == 204
    async with server.vault() as vault:
        entity = await identity.entity_by_id(vault.session(Caller(server.token)), entity.id)
        assert entity is not None
        assert key not in identity.metadata_of(entity)


@pytest.mark.parametrize("who", ["viewer", "developer", "outsider"])
async def test_only_an_admin_may(api: httpx.AsyncClient, people: People, who: str) -> None:
    headers = people[who].headers
    body = {"who": f"person:{people[who].name}", "role": "ADMIN"}
    answers = [
        await api.get("/grants", headers=headers),
        await api.post("/grants", json=body, headers=headers),
        await api.request("DELETE", "/grants", json=body, headers=headers),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert "Managing grants needs the role ADMIN" in answers[0].json()["detail"]


async def test_the_last_admin_stays(api: httpx.AsyncClient, server: Server, people: People) -> None:
    if not server.own:
        pytest.skip("a server that was given may have other ADMINs")
    answer = await change(api, people, "DELETE", who=f"person:{people['admin'].name}", role="ADMIN")
    assert answer.status_code == 409
    assert "last ADMIN" in answer.json()["detail"]


async def test_grants_given_at_once_through_two_adapters_are_all_there(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    names = [f"{fresh}{letter}" for letter in "abcdefgh"]
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        for name in names:
            await session.send("POST", "auth/userpass/users", name, body={"password": "p"})
    other_app = create_app(load_settings(vault_addr=server.url, vault_cacert=server.cacert))
    async with (
        other_app.router.lifespan_context(other_app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=other_app), base_url="http://other/api/v1") as other,
    ):
        answers = await asyncio.gather(
            *(
                change((api, other)[number % 2], people, "POST", who=f"person:{name}", role="USER", scope=scope)
                for number, name in enumerate(names)
            )
        )
    assert [answer.status_code for answer in answers] == [201] * len(names)
    assert sorted(who for who, _, _ in await held(api, people, scope=scope) if fresh in who) == [
        f"person:{name}" for name in names
    ]
