"""What the tests of the HTTP API share: a component, a way to make secrets, the platform's keys."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from adapter.api.app import create_app
from tests.support.accounts import platform_settings
from tests.support.platform import ORIGIN
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


_ids = itertools.count(time.time_ns() // 1000)


@pytest.fixture
def user_id() -> int:
    """An account that no other test uses."""
    return next(_ids)


@pytest.fixture
async def app(server: Server, people: People) -> AsyncIterator[FastAPI]:
    app = create_app(await platform_settings(server, allowed_origins=(ORIGIN,)))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def platform(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An adapter that knows the platform's keys."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as client:
        yield client
