"""A secret typed into the terminal UI is read by `bao kv get`; one of `bao kv put` appears in the terminal UI."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from statustui.app import StatusApp
from tests.interop.test_bao_cli import bao
from tests.support.server import People, Server
from tests.tui.pictures import settle
from tests.tui.running import app_for
from tests.tui.steps import listed, sign_in, type_new_secret

CANARY = "c4n4ry-tui-bao"


@pytest.fixture
async def app(api: httpx.AsyncClient) -> AsyncIterator[StatusApp]:
    async with app_for(api) as app:
        yield app


async def test_both_ways(app: StatusApp, server: Server, people: People, fresh: str) -> None:
    developer, admin = people["developer"], people["admin"]
    path = f"environment/production/{fresh}-cli"
    await bao(server, developer, "kv", "put", "-mount=status", path, "value=-", stdin="by hand")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await sign_in(pilot, developer.name, developer.password.get_secret_value())
        await type_new_secret(pilot, name=f"{fresh}-tui", value=CANARY, description="typed")
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("tab", "enter")
        await settle(pilot)
        assert {f"{fresh}-cli", f"{fresh}-tui"} <= set(listed(pilot))
    path = f"environment/production/{fresh}-tui"
    assert await bao(server, admin, "kv", "get", "-mount=status", "-field=value", path) == CANARY
