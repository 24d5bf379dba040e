"""An adapter with an identity of its own, for the acts that copy values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from adapter.api.app import create_app
from adapter.provision.people import adapter_credentials
from adapter.settings import load_settings
from tests.conftest import WANTED
from tests.support.server import People, Person, Server, component


@pytest.fixture
async def acting(server: Server, people: People) -> AsyncIterator[httpx.AsyncClient]:
    """An adapter that has an identity of its own."""
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
async def user(server: Server, people: People) -> Person:
    """A component that may use the secrets of production."""
    return await component(server, "environment/production")


Make = Callable[..., Awaitable[str]]


@pytest.fixture
def make(api: httpx.AsyncClient, people: People, fresh: str) -> Make:
    """Creates a secret as `developer`; answers its id."""

    async def created(value: str = "c4n4ry", name: str = fresh, **more: object) -> str:
        body = {"name": name, "type": "PASSWORD", "value": value, **more}
        answer = await api.post("/secrets", json=body, headers=people["developer"].headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    return created
