"""What the trials need: a holder of each role in each kind of scope, and secrets for them to try."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from adapter.api.app import create_app
from adapter.client import trust
from adapter.provision.people import adapter_credentials
from adapter.service.app import Services
from adapter.settings import load_settings
from tests.conftest import WANTED
from tests.permissions.matrix import ADMIN, DEVELOPER, NONE, USE, USER
from tests.support.server import Person, Server

AT_ONCE = 12
VALUE = "c4n4ry-p3rmissions"

LEFT = (
    "auth/status-approle/role/status-component-MARK-test",
    "identity/group/name/status-test-MARK",
    "identity/entity/name/test-MARK",
)
"""What the trials of managing leave, which nobody else should find half there."""


@dataclass(frozen=True)
class Holder:
    """Somebody with one role in one scope; `scope` None: everywhere, or nowhere."""

    column: str
    scope: str | None
    token: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Vault-Token": self.token}


@dataclass(frozen=True)
class Target:
    """A secret of two versions to try something on; `scope` is where it is."""

    scope: str
    name: str
    elsewhere: str
    """Another scope, to move it to."""

    @property
    def path(self) -> str:
        return f"{self.scope}/{self.name}"

    @property
    def id(self) -> str:
        return self.path.replace("/", "~")


@dataclass
class World:
    """The adapter's API and the vault itself, with whoever tries."""

    api: httpx.AsyncClient
    vault: httpx.AsyncClient
    services: Services
    root: str
    admin: Holder
    mark: str
    holders: list[Holder] = field(default_factory=list)

    @property
    def scopes(self) -> dict[str, str]:
        """A scope of each kind."""
        return {"global": "global"} | {kind: f"{kind}/{self.mark}" for kind in ("environment", "service", "custom")}

    @property
    def elsewhere(self) -> str:
        return f"custom/{self.mark}-other"

    async def straight(self, token: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A request to the vault itself."""
        content = None if body is None else json.dumps(body)
        return await self.vault.request(method, path, content=content, headers={"X-Vault-Token": token, **headers})

    async def as_root(self, method: str, path: str, body: Any = None) -> httpx.Response:
        answer = await self.straight(self.root, method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer

    async def secret(self, scope: str, name: str) -> Target:
        """With two versions, the first soft-deleted nowhere."""
        target = Target(scope, name, self.elsewhere)
        for _ in range(2):
            await self.as_root("POST", f"status/data/{target.path}", {"data": {"value": VALUE}})
        await self.as_root("POST", f"status/metadata/{target.path}", {"custom_metadata": {"type": "password"}})
        return target


@asynccontextmanager
async def made_world(server: Server, admin: Person, mark: str, index: Path) -> AsyncIterator[World]:
    """Scopes, people and components of this run's own, made through the API; `index`: where the audit index may be."""
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
    settings = load_settings(
        vault_addr=server.url,
        vault_cacert=server.cacert,
        adapter_role_id=role_id,
        adapter_secret_id=secret_id,
        audit_log=(server.audit_log,) if server.audit_log else (),
        audit_index=index,
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as api,
        httpx.AsyncClient(base_url=f"{server.url}/v1/", verify=trust(server.cacert), timeout=60) as straight,
    ):
        holder = Holder(ADMIN, None, admin.token.get_secret_value())
        world = World(api, straight, app.state.services, server.token.get_secret_value(), holder, mark)
        await _fill(world)
        if server.audit_log:
            await _read_the_log(world)
        yield world
        for path in LEFT:
            await world.as_root("DELETE", path.replace("MARK", mark))


async def _fill(world: World) -> None:
    for scope in (*world.scopes.values(), world.elsewhere):
        answer = await world.api.post("/scopes", json={"scope": scope}, headers=world.admin.headers)
        assert answer.is_success, answer.text
        key = await world.api.post("/keys", json={"name": world.mark, "scope": scope}, headers=world.admin.headers)
        assert key.is_success, key.text
    wanted = [(role, scope) for role in (USER, DEVELOPER, USE) for scope in (*world.scopes.values(), world.elsewhere)]
    made = await asyncio.gather(*(_holder(world, role, scope) for role, scope in wanted))
    world.holders = [*made, await _person(world, f"{world.mark}-none", NONE, None), world.admin]


async def _read_the_log(world: World) -> None:
    """Until the audit view has what was made here."""
    wanted = {"act": "component_added", "q": world.mark}
    for _ in range(600):
        answer = await world.api.get("/audit", params=wanted, headers=world.admin.headers)
        if answer.is_success and answer.json()["events"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the audit view does not come up to date")


async def _holder(world: World, role: str, scope: str) -> Holder:
    name = f"{world.mark}-{role.split()[0].lower()}-{scope.split('/')[0]}{len(scope)}"
    if role == USE:
        return await _component(world, name, scope)
    return await _person(world, name, role, scope)


async def _person(world: World, name: str, role: str, scope: str | None) -> Holder:
    admin = world.admin.headers
    made = await world.api.post("/people", json={"name": name}, headers=admin)
    assert made.is_success, made.text
    if scope is not None:
        grant = {"who": f"person:{name}", "role": role, "scope": scope}
        given = await world.api.post("/grants", json=grant, headers=admin)
        assert given.is_success, given.text
    login = {"method": "userpass", "username": name, "password": made.json()["password"]}
    return Holder(role, scope, (await world.api.post("/auth/login", json=login)).json()["token"])


async def _component(world: World, name: str, scope: str) -> Holder:
    body = {"name": name, "scopes": [scope]}
    made = (await world.api.post("/components", json=body, headers=world.admin.headers)).json()
    unwrapped = await world.straight(made["wrappedSecretId"], "POST", "sys/wrapping/unwrap")
    login = {"role_id": made["roleId"], "secret_id": unwrapped.json()["data"]["secret_id"]}
    answer = await world.straight("", "POST", "auth/status-approle/login", login)
    return Holder(USE, scope, answer.json()["auth"]["client_token"])
