"""A namespace of STATUS's own: provisioned, also by two at once, and worked in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from adapter.api.app import create_app
from adapter.model.roles import Role
from adapter.provision import apply, check
from adapter.provision.people import adapter_credentials, add_person
from adapter.service.app import Services
from adapter.service.doctor import CHECKS, examine
from adapter.settings import Settings, load_settings
from adapter.vault import Caller, Vault
from adapter.vault.connection import Connection
from adapter.vault.session import ServerKind
from tests.conftest import WANTED
from tests.support.server import People, Server

PASSWORD = SecretStr("a password of the test's own")


@pytest.fixture
async def namespace(server: Server, people: People, fresh: str) -> AsyncIterator[Connection]:
    async with server.vault() as vault:
        if await vault.kind() is not ServerKind.OPENBAO:
            pytest.skip("of HashiCorp Vault only the paid one has namespaces")
        root = vault.session(Caller(server.token))
        await root.send("POST", "sys/namespaces", fresh)
        yield Connection(server.url, cacert=server.cacert, namespace=fresh)
        await root.send("DELETE", "sys/namespaces", fresh)


async def test_two_who_provision_at_once(server: Server, namespace: Connection) -> None:
    """As two new instances of a service do: nothing is there yet for which they could take turns."""
    async with Vault(namespace) as one, Vault(namespace) as other:
        await asyncio.gather(*(apply(vault, server.token, WANTED) for vault in (one, other)))
        assert {finding.title for finding in await check(one, server.token, WANTED)} <= {"audit device"}


async def test_the_product_in_it(server: Server, namespace: Connection, fresh: str) -> None:
    async with Vault(namespace) as vault:
        await apply(vault, server.token, WANTED)
        await add_person(vault, server.token, WANTED, "admin", PASSWORD, Role.ADMIN)
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
    settings = load_settings(
        vault_addr=server.url,
        vault_cacert=server.cacert,
        vault_namespace=namespace.namespace,
        adapter_role_id=role_id,
        adapter_secret_id=secret_id,
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as api,
    ):
        login = {"method": "userpass", "username": "admin", "password": PASSWORD.get_secret_value()}
        token = (await api.post("/auth/login", json=login)).json()["token"]
        headers = {"X-Vault-Token": token}
        secret = {"name": fresh, "type": "PASSWORD", "value": "one"}
        path = f"/secrets/{(await api.post('/secrets', json=secret, headers=headers)).json()['id']}"
        assert (await api.post(f"{path}/versions", json={"value": "two"}, headers=headers)).status_code == 201
        rolled = await api.post(f"{path}/rollback", json={"version": 1}, headers=headers)
        assert (rolled.status_code, rolled.json()["version"]) == (201, 3)
        value = await api.post(f"{path}/value", json={}, headers=headers)
        assert value.json()["value"] == "one"
        assert (await api.get("/ready")).status_code == 200
        await _examine(settings, SecretStr(token))


async def _examine(settings: Settings, admin: SecretStr) -> None:
    """The doctor, as an ADMIN of the namespace: there is nothing that it could not look at."""
    async with Vault.from_settings(settings) as vault:
        for one in await examine(Services(vault).act(Caller(admin)), settings, CHECKS):
            assert one.problem is None, (one.check.name, one.problem)
            if one.check.name in ("installation", "barrier-key"):
                assert one.findings == []
