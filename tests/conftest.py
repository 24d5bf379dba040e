"""What every test gets: an environment of its own, where nothing of the developer's machine leaks in."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings
from pydantic import SecretStr

from adapter.api.app import create_app
from adapter.model.address import Scope
from adapter.model.roles import Role
from adapter.provision import Wanted, apply
from adapter.provision.people import adapter_credentials, add_person
from adapter.settings import load_settings
from adapter.vault import Caller
from adapter.vault.tokens import login_userpass
from tests.support.bao import running_bao
from tests.support.server import Person, Server

for _name in [name for name in os.environ if name.startswith(("VAULT_", "BAO_", "STATUS_"))]:
    if _name != "STATUS_REQUIRE_ALL":  # kept under another name: the workers' environment comes from this process's
        os.environ[f"GIVEN_{_name}"] = os.environ.pop(_name)

GIVEN_SERVER = {name: os.environ.get(f"GIVEN_{name}") for name in ("VAULT_ADDR", "VAULT_TOKEN", "VAULT_CACERT")}
"""A running server to test against instead of one of our own, as the command-line clients name it."""


# A busy machine is no failure; where all must pass, what is tried is the same each time.
settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    derandomize=os.environ.get("STATUS_REQUIRE_ALL") == "1",
)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, so that no settings file or token of the developer's is found."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Server]:
    """The server named by VAULT_ADDR and VAULT_TOKEN, or a real `bao` of this worker's own."""
    if GIVEN_SERVER["VAULT_ADDR"] and GIVEN_SERVER["VAULT_TOKEN"]:
        cacert = GIVEN_SERVER["VAULT_CACERT"]
        token = SecretStr(GIVEN_SERVER["VAULT_TOKEN"])
        yield Server(GIVEN_SERVER["VAULT_ADDR"], Path(cacert) if cacert else None, token, own=False)
        return
    with running_bao(tmp_path_factory.mktemp("bao") / "data") as own:
        yield own


WANTED = Wanted(
    scopes=tuple(
        map(Scope.parse, ("global", "environment/production", "environment/staging", "environment/development"))
    ),
    userpass_mount="userpass",
)


@pytest.fixture(scope="session")
def people(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Person]]:
    """`viewer`, `developer`, `admin` in the four first scopes, and `outsider` without any role; signed in.

    On a server that was given they are this run's own, whatever earlier ones left there, and do not stay.
    """
    run = "" if server.own else f"-{secrets.token_hex(4)}"

    async def provision() -> dict[str, Person]:
        async with server.vault() as vault:
            await apply(vault, server.token, WANTED)
            found = {}
            for name in ("viewer", "developer", "admin", "outsider"):
                user = f"{name}{run}"
                password = SecretStr(secrets.token_urlsafe(16))
                role = {"viewer": Role.USER, "developer": Role.DEVELOPER, "admin": Role.ADMIN}.get(name)
                wanted = WANTED if role else replace(WANTED, scopes=())
                await add_person(vault, server.token, wanted, user, password, role or Role.USER)
                auth = await login_userpass(vault.session(Caller(SecretStr(""))), user, password, "userpass")
                found[name] = Person(user, password, SecretStr(auth.client_token))
            return found

    async def remove(found: dict[str, Person]) -> None:
        async with server.vault() as vault:
            session = vault.session(Caller(server.token))
            for person in found.values():
                await session.send("DELETE", "auth/userpass/users", person.name)
                await session.send("DELETE", "identity/entity/name", f"person-{person.name}")

    with (tmp_path_factory.getbasetemp().parent / "provision.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a server that was given is shared by the workers
        found = asyncio.run(provision())
    yield found
    if not server.own:
        asyncio.run(remove(found))


@pytest.fixture(scope="session")
def audit_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One index of the server's log for all tests of a worker: each reads on where the one before it ended."""
    return tmp_path_factory.mktemp("audit") / "index.db"


@pytest.fixture
async def api(
    server: Server, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """The adapter's HTTP API in this process, in front of the real server."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    app = create_app(load_settings())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as client,
    ):
        yield client


@pytest.fixture
async def acting(server: Server, people: dict[str, Person]) -> AsyncIterator[httpx.AsyncClient]:
    """An adapter with an identity of its own, for the acts that copy values."""
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
    settings = load_settings(
        vault_addr=server.url, vault_cacert=server.cacert, adapter_role_id=role_id, adapter_secret_id=secret_id
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as client,
    ):
        yield client


@pytest.fixture
def fresh() -> str:
    """A name that no other test uses."""
    return f"t{secrets.token_hex(6)}"
