"""The health place on a real vault: what everybody sees, and what an ADMIN has found and mended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot
from textual.widgets import Select

from adapter.client import AsyncClient
from adapter.errors import OutcomeUnknown
from statustui.app import StatusApp
from statustui.condition import State, look
from statustui.confirm import AskScreen
from statustui.health_screen import HealthScreen
from tests.api.test_audit_failing import audit_log_gone
from tests.api.test_failures import adapter_for
from tests.cli.test_doctor import leave_behind
from tests.support.bao import running_bao
from tests.support.server import People, Person, Server
from tests.tui.pictures import settle
from tests.tui.running import RunningBackend, app_for
from tests.tui.steps import go_to, press, screen_text, set_text, sign_in


@pytest.fixture
async def real(api: httpx.AsyncClient) -> AsyncIterator[StatusApp]:
    async with app_for(api) as app:
        yield app


async def at(pilot: Pilot[Any], person: Person) -> None:
    await settle(pilot)
    await sign_in(pilot, person.name, person.password.get_secret_value())
    await press(pilot, "4")


async def test_everybody_sees_how_the_vault_does(real: StatusApp, people: People) -> None:
    async with real.run_test(size=(80, 24)) as pilot:
        await at(pilot, people["developer"])
        shown = screen_text(pilot)
        assert "It answers, is unsealed, and takes requests." in shown
        assert "OpenBao" in shown
        assert "min left · until" in shown
        assert "The doctor needs ADMIN; an ADMIN can grant it." in shown
        await press(pilot, "R")
        assert isinstance(pilot.app.screen, HealthScreen), "nothing is asked where nothing can be done"


async def test_what_is_found_is_shown_and_mended(
    real: StatusApp, api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    await api.post("/doctor/repair", headers=people["admin"].headers)  # what others left would fill the screen
    await leave_behind(server, fresh)
    async with real.run_test(size=(120, 40)) as pilot:
        await at(pilot, people["admin"])
        screen = pilot.app.screen
        assert isinstance(screen, HealthScreen)
        assert screen.current is not None
        assert screen.current.findings, "the cursor is where there is something to read"
        await go_to(pilot, "Acts that ended")
        assert f"global/{fresh}-2: a change ended before its record was complete." in screen_text(pilot)
        await press(pilot, "enter")
        assert pilot.app.screen.focused is pilot.app.screen.query_one("#findings")
        await press(pilot, "escape", "R")
        assert isinstance(pilot.app.screen, AskScreen)
        await press(pilot, "escape")
        assert f"{fresh}-2: a change ended" in screen_text(pilot)
        await press(pilot, "R", "left", "enter")
        shown = screen_text(pilot)
        assert "mended" in shown
        assert f"global/{fresh}-2: its record is complete." in shown
        await press(pilot, "f5")
        assert fresh not in screen_text(pilot)


async def test_the_log_is_verified_in_its_own_row(real: StatusApp, people: People) -> None:
    async with real.run_test(size=(80, 24)) as pilot:
        await at(pilot, people["admin"])
        await go_to(pilot, "audit log against")
        assert "L verifies" in screen_text(pilot)
        await press(pilot, "enter")
        shown = screen_text(pilot)
        assert "not verified" in shown
        assert "This adapter reads no audit log." in shown


async def wait_for(pilot: Pilot[Any], words: str, *, gone: bool = False) -> None:
    for _ in range(150):
        await pilot.pause(0.1)
        if (words in screen_text(pilot)) is not gone:
            return
    raise AssertionError(screen_text(pilot))


def test_a_vault_that_cannot_write_its_log_is_told_of_until_it_can(tmp_path: Path) -> None:
    async def watched(server: Server) -> None:
        async with adapter_for(server.url, server.cacert) as api:
            client = AsyncClient(str(api.base_url), transport=api._transport)
            app = StatusApp(RunningBackend(client))
            async with app.run_test(size=(120, 40)) as pilot:
                await settle(pilot)
                await sign_in_with_token(pilot, server)
                with audit_log_gone(server, tmp_path):
                    await asyncio.sleep(0.5)
                    with pytest.raises(OutcomeUnknown, match="audit log"):
                        await client.secrets()
                    await pilot.press("f5")
                    await wait_for(pilot, "vault refuses all")
                    assert (await look(client)).state is State.REFUSING
                    await press(pilot, "4")
                    await wait_for(pilot, "it cannot write its")
                await wait_for(pilot, "vault refuses all", gone=True)
                await wait_for(pilot, "takes requests")
                await press(pilot, "1")
                assert "tries again" not in screen_text(pilot), "the list was read anew by itself"

    with running_bao(tmp_path / "data") as server:
        asyncio.run(watched(server))


async def sign_in_with_token(pilot: Pilot[Any], server: Server) -> None:
    pilot.app.screen.query_one("#method", Select).value = "token"
    await settle(pilot)
    set_text(pilot, "token", server.token.get_secret_value())
    await pilot.click("#sign-in")
    await settle(pilot)
