"""Somebody with the component's right, and keys to work with."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.support.server import People, Person, Server
from tests.support.tokens import token_with


@pytest.fixture
async def component(server: Server, people: People) -> Person:
    """Holds `use` in production, nothing else."""
    policies = ["status-use-environment-production"]
    return Person("component", SecretStr(""), await token_with(server, policies))


@pytest.fixture
async def key(api: httpx.AsyncClient, people: People, fresh: str) -> str:
    """A new key's id, in production."""
    return (await create(api, people["developer"], fresh)).json()["id"]


async def create(api: httpx.AsyncClient, person: Person, name: str, **more: Any) -> httpx.Response:
    body = {"name": name, "scope": "environment/production", **more}
    return await api.post("/keys", json=body, headers=person.headers)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
