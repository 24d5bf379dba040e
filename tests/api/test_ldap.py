"""Signing in with LDAP: a real directory, and a real server that asks it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from adapter.api.app import create_app
from adapter.model.address import GLOBAL
from adapter.provision import Wanted, apply
from adapter.settings import load_settings
from adapter.vault import Caller
from tests.support.directory import BASE, bao_with_ldap, running_directory
from tests.support.server import Server

PASSWORDS = {"erika": "c4n4ry-erika", "max": "c4n4ry-max", "otto": "c4n4ry-otto"}


@pytest.fixture(scope="module")
def corporate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A provisioned server whose auth method `corp/ldap` asks the directory and is shown to everybody."""
    folder = tmp_path_factory.mktemp("ldap")
    with running_directory(folder / "slapd", PASSWORDS) as url, bao_with_ldap(folder / "bao") as server:
        asyncio.run(_set_up(server, url))
        yield server


async def _set_up(server: Server, url: str) -> None:
    async with server.vault() as vault:
        await apply(vault, server.token, Wanted())
        root = vault.session(Caller(server.token))
        body = {"type": "ldap", "config": {"listing_visibility": "unauth"}, "description": "Directory"}
        await root.send("POST", "sys/auth/corp/ldap", body=body)
        config = {
            "url": url,
            "userdn": f"ou=people,{BASE}",
            "userattr": "uid",
            "discoverdn": True,
            "deny_null_bind": True,
        }
        await root.send("POST", "auth/corp/ldap/config", body=config)


@pytest.fixture
async def api(corporate: Server) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(load_settings(vault_addr=corporate.url))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as client,
    ):
        yield client


def body(username: str, password: str) -> dict[str, str]:
    return {"method": "ldap", "mount": "corp/ldap", "username": username, "password": password}


async def test_a_person_of_the_directory(api: httpx.AsyncClient) -> None:
    offered = (await api.get("/auth/methods")).json()
    assert {"method": "ldap", "mount": "corp/ldap", "type": "ldap", "description": "Directory"} in offered
    answer = await api.post("/auth/login", json=body("erika", PASSWORDS["erika"]))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["roles"]) == ("erika", {})


async def test_a_role_granted_to_a_person_of_the_directory(api: httpx.AsyncClient, corporate: Server) -> None:
    admin = {"X-Vault-Token": corporate.token.get_secret_value()}
    await api.post("/auth/login", json=body("max", PASSWORDS["max"]))
    change = {"who": "person:max", "role": "DEVELOPER", "scope": str(GLOBAL)}
    granted = await api.post("/grants", json=change, headers=admin)
    assert granted.is_success, granted.text
    assert granted.json()["who"] == "person:corp/ldap/max"
    answer = await api.post("/auth/login", json=body("max", PASSWORDS["max"]))
    assert answer.json()["roles"] == {"global": "DEVELOPER"}


async def test_a_role_granted_before_somebody_has_signed_in(api: httpx.AsyncClient, corporate: Server) -> None:
    admin = {"X-Vault-Token": corporate.token.get_secret_value()}
    change = {"who": "person:otto", "role": "USER", "scope": str(GLOBAL)}
    assert (await api.post("/grants", json=change, headers=admin)).status_code == 404
    change["who"] = "person:corp/ldap/otto"
    assert (await api.post("/grants", json=change, headers=admin)).status_code == 201
    answer = await api.post("/auth/login", json=body("otto", PASSWORDS["otto"]))
    assert answer.json()["roles"] == {"global": "USER"}
    held = (await api.get("/grants", params={"who": change["who"]}, headers=admin)).json()
    assert [(one["who"], one["role"]) for one in held] == [("person:corp/ldap/otto", "USER")]
    asked = {"acts": [{"act": "view", "scope": "global"}], "who": "person:otto"}
    (verdict,) = (await api.post("/can-i", json=asked, headers=admin)).json()
    assert verdict["allowed"]
    assert "ldap" in verdict["notes"][0]
    off = await api.post("/access/disable", json={"who": change["who"]}, headers=admin)
    assert off.status_code == 200
    assert (await api.post("/auth/login", json=body("otto", PASSWORDS["otto"]))).status_code == 401


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("erika", PASSWORDS["max"]),
        ("nobody", PASSWORDS["erika"]),
        ("erika", " "),
        ("*", PASSWORDS["erika"]),
        ("erik*", PASSWORDS["erika"]),
        ("erika)(uid=*", PASSWORDS["erika"]),
        ("erika)(|(uid=*", PASSWORDS["erika"]),
        ("*)(objectClass=*", PASSWORDS["erika"]),
        (f"erika,ou=people,{BASE}", PASSWORDS["erika"]),
        ("max,uid=erika", PASSWORDS["erika"]),
        ("erika\\2c", PASSWORDS["erika"]),
        ("erika\0", PASSWORDS["erika"]),
    ],
)
async def test_nobody_else(api: httpx.AsyncClient, username: str, password: str) -> None:
    """Filters and names of the directory in a user name are text: nobody comes in as somebody else."""
    answer = await api.post("/auth/login", json=body(username, password))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert password.strip() == "" or password not in answer.text


async def test_an_empty_password_is_no_anonymous_bind(api: httpx.AsyncClient) -> None:
    """Directories take a bind without a password as one of nobody in particular, and call it a success."""
    answer = await api.post("/auth/login", json=body("erika", ""))
    assert answer.status_code == 401
