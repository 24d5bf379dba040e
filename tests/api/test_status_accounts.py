"""STATUS accounts: the platform's JSON Web Tokens in front of the real server."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from adapter.api.app import create_app
from adapter.errors import NotAllowed, NotSignedIn
from adapter.model.accounts import entity_name, scope_key
from adapter.model.address import Scope
from adapter.provision import apply
from adapter.provision.people import adapter_credentials
from adapter.service.accounts import LOOKED_AT_AGAIN, Accounts
from adapter.service.own_identity import OwnIdentity
from adapter.service.platform_jwt import PlatformKeys
from adapter.settings import load_settings
from adapter.vault import Caller
from adapter.vault.answers import decode_any
from adapter.vault.tokens import lookup_self
from adapter.vault.transport import Transport
from tests.conftest import WANTED
from tests.support.platform import KEY, OLD_KEY, ORIGIN, bearer, claims, signed
from tests.support.server import People, Server

PRODUCTION = Scope.parse("environment/production")
STAGING = Scope.parse("environment/staging")
_ids = itertools.count(time.time_ns() // 1000)


@pytest.fixture
def user_id() -> int:
    """An account that no other test uses."""
    return next(_ids)


@pytest.fixture
async def app(server: Server, people: People) -> AsyncIterator[FastAPI]:
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
    app = create_app(
        load_settings(
            vault_addr=server.url,
            vault_cacert=server.cacert,
            adapter_role_id=role_id,
            adapter_secret_id=secret_id,
            jwt_secret=SecretStr(KEY),
            jwt_secret_previous=SecretStr(OLD_KEY),
            allowed_origins=(ORIGIN,),
        )
    )
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def platform(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An adapter that knows the platform's keys."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as client:
        yield client


@asynccontextmanager
async def root(server: Server) -> AsyncIterator[Any]:
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))

        async def call(method: str, path: str, body: Any = None) -> dict[str, Any]:
            _, content = await session.send(method, path, body=body)
            return decode_any(content) if content else {}

        yield call


async def grant(server: Server, user_id: int, **changes: Any) -> None:
    """What `status-secrets grants` does for an account: its entity, with one key a scope, and the alias."""
    async with root(server) as call:
        name = entity_name(user_id)
        await call("POST", f"identity/entity/name/{name}", changes)
        entity = await call("GET", f"identity/entity/name/{name}")
        accessor = (await call("GET", "sys/auth"))["token/"]["accessor"]
        alias = {"name": name, "canonical_id": entity["id"], "mount_accessor": accessor}
        await call("POST", "identity/entity-alias", alias)


# --- the three places, and what an account is


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


# --- what it costs


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


# --- the end of it


async def test_signing_out_revokes_the_vaults_token(
    platform: httpx.AsyncClient, app: FastAPI, server: Server, user_id: int
) -> None:
    token = SecretStr(signed(claims(user_id)))
    headers = bearer(token.get_secret_value())
    assert (await platform.get("/me", headers=headers)).status_code == 200
    minted = await app.state.services.accounts.token_for(token, Caller(SecretStr("")))
    assert (await platform.post("/auth/logout", headers=headers)).status_code == 204
    async with server.vault() as vault:
        with pytest.raises(NotSignedIn):
            await lookup_self(vault.session(Caller(minted)))
    assert (await platform.get("/me", headers=headers)).status_code == 200, "it is the platform's to end its own"


async def test_a_token_revoked_at_the_vault_is_exchanged_anew(
    platform: httpx.AsyncClient, app: FastAPI, server: Server, user_id: int
) -> None:
    token = SecretStr(signed(claims(user_id)))
    headers = bearer(token.get_secret_value())
    minted = await app.state.services.accounts.token_for(token, Caller(SecretStr("")))
    async with root(server) as call:
        await call("POST", "auth/token/revoke", {"token": minted.get_secret_value()})
    assert [(await platform.get("/me", headers=headers)).status_code for _ in range(2)] == [401, 200]


async def test_a_disabled_account_is_refused_at_once(platform: httpx.AsyncClient, server: Server, user_id: int) -> None:
    await grant(server, user_id)
    headers = bearer(signed(claims(user_id)))
    assert (await platform.get("/secrets", headers=headers)).status_code == 200
    await grant(server, user_id, disabled=True)
    codes = [(await platform.get("/secrets", headers=headers)).status_code for _ in range(3)]
    assert codes == [401, 403, 403], "the vault's own refusal first, then ours with its reason"
    fresh_token = bearer(signed(claims(user_id, username="erika again")))
    refused = await platform.get("/me", headers=fresh_token)
    assert (refused.status_code, refused.json()["message"]) == (403, "This account is disabled.")
    await grant(server, user_id, disabled=False)
    assert (await platform.get("/me", headers=fresh_token)).status_code == 200


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def exchange(server: Server, clock: Clock) -> AsyncIterator[Accounts]:
    async with server.vault() as vault:
        own = OwnIdentity(vault, *await adapter_credentials(vault, server.token, WANTED))
        yield Accounts(vault, PlatformKeys([SecretStr(KEY)]), own, (PRODUCTION,), clock)


async def test_a_changed_grant_takes_effect_within_a_minute(server: Server, people: People, user_id: int) -> None:
    clock = Clock()
    token, caller = SecretStr(signed(claims(user_id))), Caller(SecretStr(""))
    async with exchange(server, clock) as accounts, server.vault() as vault:
        first = await accounts.token_for(token, caller)
        clock.now += LOOKED_AT_AGAIN + 1
        assert await accounts.token_for(token, caller) == first, "nothing changed"
        await grant(server, user_id, metadata={scope_key(STAGING): "USER"})
        assert await accounts.token_for(token, caller) == first, "not yet looked at again"
        clock.now += LOOKED_AT_AGAIN + 1
        second = await accounts.token_for(token, caller)
        with pytest.raises(NotSignedIn):
            await lookup_self(vault.session(Caller(first)))
        held = await lookup_self(vault.session(Caller(second)))
        assert set(held.policies) == {"default", "status-user-environment-staging", "status-user-global"}
        await grant(server, user_id, disabled=True)
        clock.now += LOOKED_AT_AGAIN + 1
        with pytest.raises(NotAllowed):
            await accounts.token_for(token, caller)


async def test_nothing_is_kept_past_the_end(server: Server, people: People, user_id: int) -> None:
    clock = Clock()
    token = SecretStr(signed(claims(user_id, exp=int(clock.now) + 30)))
    async with exchange(server, clock) as accounts:
        await accounts.token_for(token, Caller(SecretStr("")))
        clock.now += 31
        with pytest.raises(NotSignedIn):
            await accounts.token_for(token, Caller(SecretStr("")))


# --- cookies and other sites' pages

JSON = "application/json"


@pytest.mark.parametrize(
    ("origin", "kind", "status"),
    [
        (ORIGIN, JSON, 201),
        (ORIGIN, "Application/JSON; charset=utf-8", 201),
        (None, JSON, 403),
        ("null", JSON, 403),
        ("https://evil.example", JSON, 403),
        (f"{ORIGIN}.evil.example", JSON, 403),
        (ORIGIN.upper(), JSON, 403),
        ("http://status.example.org", JSON, 403),
        (f"{ORIGIN}:444", JSON, 403),
        (ORIGIN, None, 403),
        (ORIGIN, "text/plain", 403),
        (ORIGIN, "application/x-www-form-urlencoded", 403),
        (ORIGIN, "multipart/form-data", 403),
        (ORIGIN, "text/plain; application/json", 403),
    ],
)
async def test_changes_with_the_cookie_come_from_an_allowed_page(
    platform: httpx.AsyncClient, user_id: int, fresh: str, origin: str | None, kind: str | None, status: int
) -> None:
    headers = {"Cookie": f"accessToken={signed(claims(user_id))}"}
    headers |= {"Origin": origin} if origin else {}
    headers |= {"Content-Type": kind} if kind else {}
    body = json.dumps({"name": fresh, "type": "PASSWORD", "value": "c4n4ry"}).encode()
    answer = await platform.post("/secrets", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert ("message" in answer.json(), "c4n4ry" in answer.text) == (True, status == 201)
    seen = await platform.get(f"/secrets/environment~production~{fresh}", headers={"Cookie": headers["Cookie"]})
    assert seen.status_code == (200 if status == 201 else 404), "a GET needs neither"


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_no_method_that_changes_is_left_out(platform: httpx.AsyncClient, user_id: int, method: str) -> None:
    headers = {"Cookie": f"accessToken={signed(claims(user_id))}", "Content-Type": JSON}
    for path in ("/secrets/global~x", "/secrets/global~x/versions", "/secrets/global~x/value", "/auth/logout"):
        answer = await platform.request(method, path, json={}, headers=headers)
        assert answer.status_code in (403, 405)


async def test_the_other_places_need_no_origin(platform: httpx.AsyncClient, user_id: int, fresh: str) -> None:
    headers = {"x-access-token": signed(claims(user_id))}
    body = {"name": fresh, "type": "PASSWORD", "value": "x"}
    assert (await platform.post("/secrets", json=body, headers=headers)).status_code == 201


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
