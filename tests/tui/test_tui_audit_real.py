"""The audit view on the real server: what others do shows up, by itself, with who did it."""

from __future__ import annotations

import asyncio
import time

import httpx
from textual.pilot import Pilot

from adapter.client import AsyncClient
from statustui.app import StatusApp
from statustui.audit_screen import AuditScreen
from statustui.event_table import EventTable
from tests.audit.conftest import watching  # noqa: F401
from tests.support.server import People
from tests.tui.pictures import settle
from tests.tui.running import RunningBackend
from tests.tui.steps import screen_text, set_text, sign_in

CANARY = "canary-77ab10"


async def until(pilot: Pilot[None], words: str, seconds: float = 10) -> float:
    """Wait for words on the screen; how long that took."""
    began = time.monotonic()
    while words not in screen_text(pilot):
        assert time.monotonic() - began < seconds, screen_text(pilot)
        await asyncio.sleep(0.02)
        await pilot.pause()
    return time.monotonic() - began


async def test_what_others_do_is_on_the_screen_at_once(
    watching: httpx.AsyncClient,  # noqa: F811
    people: People,
    fresh: str,
) -> None:
    developer, viewer, admin = people["developer"], people["viewer"], people["admin"]
    backend = RunningBackend(AsyncClient(str(watching.base_url), transport=watching._transport, name="tui/test"))
    app = StatusApp(backend)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await sign_in(pilot, admin.name, admin.password.get_secret_value())
        await pilot.press("2")
        await until(pilot, "● live")
        await pilot.press("slash")
        set_text(pilot, "filter", f"secret:environment/production/{fresh} act:created,used")
        await pilot.pause(0.3)
        await until(pilot, "Nothing matches.")

        new = {
            "name": fresh,
            "type": "PASSWORD",
            "value": CANARY,
            "reason": "[first] one",
            "scope": "environment/production",
        }
        headers = developer.headers | {"X-Status-Client": "api/9"}
        assert (await watching.post("secrets", json=new, headers=headers)).status_code == 201
        await until(pilot, "[first] one")
        value = f"secrets/environment~production~{fresh}/value"
        assert (await watching.post(value, json={}, headers=viewer.headers)).status_code == 403
        await until(pilot, "use denied")
        assert (await watching.post(value, json={}, headers=admin.headers)).json()["value"] == CANARY
        await until(pilot, f"{admin.name}  ")

        await pilot.press("enter")
        await settle(pilot)
        table = app.screen.query_one(EventTable)
        assert table.has_focus
        rows = [table._pages.at(row) for row in range(3)] if table._pages else []
        assert [(one.act, one.outcome, one.actor) for one in rows if one] == [
            ("used", "done", admin.name),
            ("used", "denied", viewer.name),
            ("created", "done", developer.name),
        ]
        await pilot.press("down")
        await settle(pilot)
        assert "USE in environment/production, which only components hold." in screen_text(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert fresh in screen_text(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, AuditScreen)
        assert CANARY not in screen_text(pilot)
    await backend.stop()
