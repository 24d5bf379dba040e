"""STATUS accounts: the platform's JSON Web Tokens in front of the real server."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from adapter.model.accounts import scope_key
from adapter.model.address import Scope
from adapter.provision import apply
from adapter.vault import Caller
from adapter.vault.tokens import lookup_self
from adapter.vault.transport import Transport
from tests.conftest import WANTED
from tests.support.accounts import grant, root
from tests.support.platform import OLD_KEY, bearer, claims, signed
from tests.support.server import People, Server

PRODUCTION = Scope.parse("environment/production")
STAGING = Scope.parse("environment/staging")


@pytest.mark.parametrize("place", ["Authorization", "x-access-token", "cookie"])
async def test_each_of_the_three_places(platform: httpx.AsyncClient, user_id: int, place: str) -> None:
    token = signed(claims(user_id))
    headers = {
        "Authorization": {"Authorization": f"Bearer {token}"},
        "x-access-token": {"x-access-token": token},
        "cookie": {"Cookie": f"theme=dark; accessToken={token}"},
    }[place]
    me = await platform.get("/me", headers=headers)
    assert me.status_code == 200, me.text
    assert me.json()["name"] == "erika"
    assert me.json()["roles"] == {"environment/production": "DEVELOPER", "global": "DEVELOPER"}
    assert "notice" not in me.json()


async def test_a_vaults_token_goes_before_a_cookie(platform: httpx.AsyncClient, people: People, user_id: int) -> None:
    headers = {**people["viewer"].headers, "Cookie": f"accessToken={signed(claims(user_id))}"}
    assert (await platform.get("/me", headers=headers)).json()["name"] == people["viewer"].name


async def test_the_vaults_token_ends_no_later_than_the_platforms(platform: httpx.AsyncClient, user_id: int) -> None:
    ends = int(time.time()) + 90
    me = (await platform.get("/me", headers=bearer(signed(claims(user_id, exp=ends))))).json()
    assert time.time() + 60 < time.mktime(time.strptime(me["expiresAt"][:19], "%Y-%m-%dT%H:%M:%S")) <= ends


async def test_a_life_of_a_day_is_cut_to_the_roles_two_hours(platform: httpx.AsyncClient, user_id: int) -> None:
    for ends in (time.time() + 86_400, 1e300):
        me = (await platform.get("/me", headers=bearer(signed(claims(user_id, exp=ends))))).json()
        assert time.mktime(time.strptime(me["expiresAt"][:19], "%Y-%m-%dT%H:%M:%S")) <= time.time() + 7200


async def test_the_key_before_still_counts_and_clocks_may_differ(platform: httpx.AsyncClient, user_id: int) -> None:
    for token in (signed(claims(user_id), OLD_KEY), signed(claims(user_id, iat=int(time.time()) + 30))):
        assert (await platform.get("/me", headers=bearer(token))).status_code == 200


async def test_a_person_is_named_in_the_record_and_in_the_vaults_log(
    platform: httpx.AsyncClient, server: Server, user_id: int, fresh: str
) -> None:
    headers = bearer(signed(claims(user_id, username=f"erika {fresh}")))
    made = await platform.post("/secrets", json={"name": fresh, "type": "PASSWORD", "value": "x"}, headers=headers)
    assert (made.status_code, made.json()["createdBy"]) == (201, f"erika {fresh}")
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    lines = [json.loads(line) for line in server.audit_log.read_text().splitlines() if fresh in line]
    path = f"status/data/environment/production/{fresh}"
    writes = [line for line in lines if line["request"]["path"] == path and line["request"]["operation"] != "read"]
    write = writes[0]
    assert write["auth"]["metadata"]["username"] == f"erika {fresh}"
    assert write["auth"]["metadata"]["user_id"] == str(user_id)
    assert write["auth"]["display_name"] == f"token-erika-{fresh}"


async def test_each_scope_granted_and_no_other(platform: httpx.AsyncClient, server: Server, user_id: int) -> None:
    await grant(server, user_id, metadata={scope_key(STAGING): "DEVELOPER"})
    developer = (await platform.get("/me", headers=bearer(signed(claims(user_id))))).json()
    assert developer["roles"] == {"environment/staging": "DEVELOPER", "global": "USER"}
    user = (await platform.get("/me", headers=bearer(signed(claims(user_id, "USER"))))).json()
    assert user["roles"] == {"environment/staging": "USER", "global": "USER"}


async def test_an_account_that_nobody_granted_anything_is_one_entity_all_the_same(
    platform: httpx.AsyncClient, app: FastAPI, server: Server, user_id: int
) -> None:
    """The vault makes an entity for the alias by itself, so its log ties all that an account does together."""
    entities = set()
    for username in ("erika", "erika mustermann"):
        token = SecretStr(signed(claims(user_id, username=username)))
        assert (await platform.get("/me", headers=bearer(token.get_secret_value()))).status_code == 200
        minted = await app.state.services.accounts.token_for(token, Caller(SecretStr("")))
        async with server.vault() as vault:
            entities.add((await lookup_self(vault.session(Caller(minted)))).entity_id)
    assert len(entities) == 1
    assert "" not in entities


async def test_what_an_admin_grants_and_disables(
    platform: httpx.AsyncClient, people: People, server: Server, user_id: int, fresh: str
) -> None:
    """An account that called before it was granted anything keeps its entity, and its tokens end with it."""
    headers, admin = bearer(signed(claims(user_id))), people["admin"].headers
    assert (await platform.get("/secrets", headers=headers)).status_code == 200
    scope = f"custom/{fresh}.a"
    assert (await platform.post("/scopes", json={"scope": scope}, headers=admin)).status_code == 201
    granted = await platform.post(
        "/grants", json={"who": f"account:{user_id}", "role": "USER", "scope": scope}, headers=admin
    )
    assert granted.is_success, granted.text
    me = (await platform.get("/me", headers=bearer(signed(claims(user_id, username="anew"))))).json()
    assert me["roles"] == {scope: "USER", "global": "USER"}
    disabled = await platform.post("/access/disable", json={"who": f"account:{user_id}"}, headers=admin)
    assert (disabled.status_code, disabled.json()["revoked"]) == (200, 2)
    assert (await platform.get("/secrets", headers=headers)).status_code == 401
    assert (await platform.get("/secrets", headers=headers)).status_code == 403


async def test_an_account_is_disabled_before_it_ever_called(
    platform: httpx.AsyncClient, people: People, user_id: int
) -> None:
    body = {"who": f"account:{user_id}"}
    assert (await platform.post("/access/disable", json=body, headers=people["admin"].headers)).status_code == 200
    assert (await platform.get("/me", headers=bearer(signed(claims(user_id))))).status_code == 403


async def test_admin_counts_as_developer_and_says_so(platform: httpx.AsyncClient, user_id: int) -> None:
    me = (await platform.get("/me", headers=bearer(signed(claims(user_id, "ADMIN"))))).json()
    assert set(me["roles"].values()) == {"DEVELOPER"}
    assert "DEVELOPER" in me["notice"]


async def test_admin_where_it_was_provisioned(
    platform: httpx.AsyncClient, server: Server, user_id: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if not server.own:
        pytest.skip("on a server that was given, other workers would see it meanwhile")
    async with server.vault() as vault:
        try:
            await apply(vault, server.token, replace(WANTED, jwt_admin=True))
            me = (await platform.get("/me", headers=bearer(signed(claims(user_id, "ADMIN"))))).json()
            assert set(me["roles"].values()) == {"ADMIN"}
            assert "notice" not in me
            developer = (await platform.get("/me", headers=bearer(signed(claims(user_id))))).json()
            assert set(developer["roles"].values()) == {"DEVELOPER"}
            done: list[str] = []
            await apply(vault, server.token, WANTED, done.append)
            assert done == [], "what is not named stays as it is"
        finally:
            await apply(vault, server.token, replace(WANTED, jwt_admin=False))
        async with root(server) as call:
            role = await call("GET", "auth/status-approle/role/status-adapter")
            assert role["token_policies"] == ["status-adapter"]


async def test_without_the_platforms_key_its_tokens_are_nobodys(api: httpx.AsyncClient, user_id: int) -> None:
    for headers in (bearer(signed(claims(user_id))), {"x-access-token": "x"}, {"Cookie": "accessToken=x"}):
        answer = await api.get("/me", headers=headers)
        assert (answer.status_code, "STATUS_JWT_SECRET" in answer.json()["hint"]) == (401, True)


async def test_who_can_use_a_secret_names_accounts_without_a_grant(
    platform: httpx.AsyncClient, people: People, fresh: str
) -> None:
    admin = people["admin"].headers
    for scope, shown in ((PRODUCTION, True), (STAGING, False)):
        body = {"name": fresh, "type": "PASSWORD", "value": "v", "scope": str(scope)}
        made = await platform.post("/secrets", json=body, headers=admin)
        lines = (await platform.get(f"/secrets/{made.json()['id']}/access", headers=admin)).json()
        anybody = [one["via"] for one in lines if one["who"] == "account:*"]
        assert anybody == ([{"role": "AUTHORITY", "scope": str(scope)}] if shown else [])


async def test_a_call_costs_one_request_and_a_page_of_calls_one_exchange(
    platform: httpx.AsyncClient, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    send = Transport._send_once

    async def counted(self: Transport, method: str, path: str, *rest: Any) -> Any:
        asked.append(path)
        return await send(self, method, path, *rest)

    monkeypatch.setattr(Transport, "_send_once", counted)
    headers = bearer(signed(claims(user_id)))
    answers = await asyncio.gather(*(platform.get("/secrets/global~nothing", headers=headers) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {404}
    assert len([path for path in asked if "auth/token/create" in path]) == 1
    asked.clear()
    assert (await platform.get("/secrets/global~nothing", headers=headers)).status_code == 404
    assert len(asked) == 1
