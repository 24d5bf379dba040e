"""An adapter with an identity of its own and an audit view, in front of the real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from adapter.api.app import create_app
from adapter.client.in_process import InProcess
from adapter.provision.people import adapter_credentials
from adapter.settings import load_settings
from tests.conftest import WANTED
from tests.support.server import People, Server


async def until_read(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """The other tests' lines come first, and there may be many."""
    async with asyncio.timeout(120):
        while True:
            answer = await client.get("audit", params={"limit": 1}, headers=admin)
            if answer.status_code == 200 and answer.json()["reading"]["behindBytes"] < 100_000:
                return
            await asyncio.sleep(0.1)


@pytest.fixture
async def watching(server: Server, people: People, audit_index: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The API, with the server's own log behind the view, all of which has been read."""
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
    settings = load_settings(
        vault_addr=server.url,
        vault_cacert=server.cacert,
        adapter_role_id=role_id,
        adapter_secret_id=secret_id,
        audit_log=(server.audit_log,),
        audit_index=audit_index,
    )
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=InProcess(app), base_url="http://adapter/api/v1", timeout=10) as client,
    ):
        await until_read(client, people["admin"].headers)
        yield client
