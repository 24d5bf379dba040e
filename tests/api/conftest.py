"""What the tests of the HTTP API share: a component, and a way to make secrets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.support.server import People, Person, Server, component


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
