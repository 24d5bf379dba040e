"""Every way to sign in, on the real server: which are offered, AppRole, user names, OpenID Connect, renewal."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from adapter.client import AsyncClient, oidc
from adapter.errors import NotSignedIn
from adapter.vault import Caller
from adapter.vault.answers import decode_any, decode_auth
from tests.support.oidc import REDIRECT, Issuer, make_issuer, remove_issuer
from tests.support.server import People, Server

CANARY = "c4n4ry-0815"


async def root(server: Server, method: str, path: str, body: Any = None) -> dict[str, Any]:
    async with server.vault() as vault:
        _, content = await vault.session(Caller(server.token)).send(method, path, body=body)
        return decode_any(content) if content else {}


@pytest.fixture
async def issuer(server: Server, people: People, fresh: str) -> AsyncIterator[Issuer]:
    made = await make_issuer(server, people["developer"], fresh)
    yield made
    await remove_issuer(made)


def client_of(api: httpx.AsyncClient) -> AsyncClient:
    return AsyncClient(str(api.base_url), transport=api._transport, name="test")


# --- what is offered


async def test_the_ways_to_sign_in_need_no_sign_in_to_be_seen(api: httpx.AsyncClient, issuer: Issuer) -> None:
    offered = (await api.get("/auth/methods")).json()
    assert offered[0] == {"method": "userpass", "mount": "userpass", "type": "userpass", "description": ""}
    assert offered[-2]["mount"] == "status-approle"
    assert {"method": "oidc", "mount": issuer.mount, "type": "oidc", "description": ""} in offered
    assert offered[-1] == {"method": "token", "mount": None, "type": "token", "description": ""}


# --- AppRole


@pytest.fixture
async def component(server: Server, people: People, fresh: str) -> AsyncIterator[dict[str, str]]:
    """The role id and a secret id of one use, of an AppRole that may use secrets of production."""
    role = f"auth/status-approle/role/{fresh}"
    body = {"token_policies": ["status-use-environment-production"], "secret_id_num_uses": 1, "token_ttl": "5m"}
    await root(server, "POST", role, body)
    role_id = (await root(server, "GET", f"{role}/role-id"))["role_id"]
    secret_id = (await root(server, "POST", f"{role}/secret-id", {}))["secret_id"]
    yield {"name": fresh, "roleId": role_id, "secretId": secret_id}
    await root(server, "DELETE", role)


async def test_a_component_signs_in_once_with_its_secret_id(api: httpx.AsyncClient, component: dict[str, str]) -> None:
    body = {"method": "approle", "roleId": component["roleId"], "secretId": component["secretId"]}
    answer = await api.post("/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == component["name"]
    assert answer.json()["roles"] == {"environment/production": "USE"}
    again = await api.post("/auth/login", json=body)
    assert (again.status_code, again.json()["code"]) == (401, "not_signed_in")
    assert component["secretId"] not in again.text


# --- user names at other mounts


async def test_a_user_name_at_the_mount_that_was_named(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    """LDAP, RADIUS and Okta take the very call that userpass takes, so a userpass mount stands for them here."""
    mount = f"corp/{fresh}"
    await root(server, "POST", f"sys/auth/{mount}", {"type": "userpass"})
    await root(server, "POST", f"auth/{mount}/users/erika", {"password": CANARY})
    try:
        body = {"method": "ldap", "username": "erika", "password": CANARY, "mount": mount}
        answer = await api.post("/auth/login", json=body)
        assert (answer.status_code, answer.json()["name"]) == (200, "erika")
        wrong = await api.post("/auth/login", json={**body, "password": "x"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "not_signed_in")
        nowhere = await api.post("/auth/login", json={**body, "mount": "corp/nowhere"})
        assert (nowhere.status_code, nowhere.json()) == (401, wrong.json())
    finally:
        await root(server, "DELETE", f"sys/auth/{mount}")


# --- OpenID Connect


async def test_two_steps_over_http(api: httpx.AsyncClient, people: People, issuer: Issuer) -> None:
    first = {"method": "oidc", "mount": issuer.mount, "redirectUri": REDIRECT, "clientNonce": "abc"}
    started = (await api.post("/auth/login", json=first)).json()
    assert started.keys() == {"authUrl", "state"}
    back = httpx.URL(await issuer.sign_in(started["authUrl"], people["developer"]))
    assert back.params["state"] == started["state"]
    second = {"method": "oidc", "mount": issuer.mount, "clientNonce": "abc", **dict(back.params)}
    answer = await api.post("/auth/login", json=second)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert (await api.get("/me", headers=headers)).json()["name"] == answer.json()["name"]
    again = await api.post("/auth/login", json=second)
    assert (again.status_code, again.json()["code"]) == (401, "not_signed_in")
    assert back.params["code"] not in again.text


async def test_a_client_that_says_little_comes_back_to_the_usual_place(
    api: httpx.AsyncClient, people: People, issuer: Issuer
) -> None:
    started = (await api.post("/auth/login", json={"method": "oidc", "mount": issuer.mount})).json()
    back = httpx.URL(await issuer.sign_in(started["authUrl"], people["developer"]))
    assert str(back).startswith(REDIRECT)
    second = {"method": "oidc", "mount": issuer.mount, **dict(back.params)}
    assert (await api.post("/auth/login", json=second)).status_code == 200


async def test_nobody_else_ends_a_sign_in_that_was_begun(
    api: httpx.AsyncClient, people: People, issuer: Issuer
) -> None:
    first = {"method": "oidc", "mount": issuer.mount, "redirectUri": REDIRECT, "clientNonce": "mine"}
    started = (await api.post("/auth/login", json=first)).json()
    back = httpx.URL(await issuer.sign_in(started["authUrl"], people["developer"]))
    for nonce in ({"clientNonce": "stolen"}, {}):
        stolen = {"method": "oidc", "mount": issuer.mount, **dict(back.params), **nonce}
        assert (await api.post("/auth/login", json=stolen)).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"redirectUri": "https://evil.example/oidc/callback"}, 400, "redirectUri"),
        ({"redirectUri": REDIRECT, "role": "nobody"}, 400, None),
        ({"redirectUri": REDIRECT, "mount": "userpass"}, 400, None),
        ({"redirectUri": REDIRECT, "mount": "nowhere"}, 400, None),
        ({"code": CANARY}, 400, "state"),
        ({"code": CANARY, "state": CANARY}, 401, None),
        ({"code": CANARY, "state": f"x&role=admin#{CANARY}"}, 401, None),
    ],
)
async def test_a_sign_in_at_a_provider_that_cannot_be(
    api: httpx.AsyncClient, issuer: Issuer, body: dict[str, str], status: int, field: str | None
) -> None:
    answer = await api.post("/auth/login", json={"method": "oidc", "mount": issuer.mount, **body})
    assert answer.status_code == status, answer.text
    assert [one["field"] for one in answer.json().get("errors", [])] == ([field] if field else [])
    assert CANARY not in answer.text


async def test_a_program_receives_the_redirect_itself(api: httpx.AsyncClient, people: People, issuer: Issuer) -> None:
    pages: list[httpx.Response] = []

    async def browse(auth_url: str) -> None:
        back = httpx.URL(await issuer.sign_in(auth_url, people["developer"]))
        async with httpx.AsyncClient(trust_env=False) as browser:
            for url in (
                back.copy_set_param("state", "st_forged"),
                back.copy_with(path="/elsewhere"),
                back.copy_with(query=b""),
                back,
            ):
                pages.append(await browser.get(url))

    browsers: list[asyncio.Task[None]] = []
    async with client_of(api) as client:
        signed_in = await oidc.sign_in(
            client, lambda url: browsers.append(asyncio.ensure_future(browse(url))), mount=issuer.mount
        )
        await asyncio.gather(*browsers)
        assert (await client.me()).name == signed_in.name
    assert [page.status_code for page in pages] == [404, 404, 404, 200]
    assert pages[-1].headers["Referrer-Policy"] == "no-referrer"


async def test_a_provider_that_refuses_ends_the_waiting(api: httpx.AsyncClient, issuer: Issuer) -> None:
    async def refuse(auth_url: str) -> None:
        asked = httpx.URL(auth_url).params
        async with httpx.AsyncClient(trust_env=False) as browser:
            params = {"error": "access_denied", "state": asked["state"]}
            await browser.get(asked["redirect_uri"], params=params)

    browsers: list[asyncio.Task[None]] = []
    async with client_of(api) as client:
        with pytest.raises(NotSignedIn, match="provider refused"):
            await oidc.sign_in(
                client, lambda url: browsers.append(asyncio.ensure_future(refuse(url))), mount=issuer.mount
            )
        await asyncio.gather(*browsers)


async def test_where_the_usual_port_is_taken_another_one_serves() -> None:
    async with oidc.listening() as first, oidc.listening() as second:
        assert httpx.URL(first.uri).port != httpx.URL(second.uri).port
        assert httpx.URL(second.uri).host == "localhost"
        second.state = secrets.token_hex(8)
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(second.uri, params={"state": second.state, "code": CANARY})
        assert answer.status_code == 200
        assert CANARY not in answer.text
        assert (await second.code()).get_secret_value() == CANARY


# --- renewal


async def made_token(server: Server, **body: Any) -> SecretStr:
    async with server.vault() as vault:
        given = {"policies": ["status-user-global"], "no_parent": True, **body}
        _, content = await vault.session(Caller(server.token)).send("POST", "auth/token/create", body=given)
        return SecretStr(decode_auth(content).client_token)


async def test_a_session_is_renewed(api: httpx.AsyncClient, server: Server, people: People) -> None:
    token = await made_token(server, ttl="30s", explicit_max_ttl="10m")
    headers = {"X-Vault-Token": token.get_secret_value()}
    before = (await api.get("/me", headers=headers)).json()
    await asyncio.sleep(1.1)
    answer = await api.post("/auth/renew", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["expiresAt"] > before["expiresAt"]
    assert answer.json() | {"expiresAt": 0} == before | {"expiresAt": 0}, "as a sign-in answers, without the token"


async def test_what_cannot_be_renewed_says_so(api: httpx.AsyncClient, server: Server, people: People) -> None:
    token = await made_token(server, ttl="30s", renewable=False)
    answer = await api.post("/auth/renew", headers={"X-Vault-Token": token.get_secret_value()})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "Sign in again" in answer.json()["hint"]
    nobody = await api.post("/auth/renew", headers={"X-Vault-Token": CANARY})
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_signed_in")
