"""What could not be read is read once the vault works again, without a key being pressed."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from adapter.client import AsyncClient
from adapter.errors import OutcomeUnknown, Unreachable
from statustui.condition import Condition, State
from statustui.event_table import EventTable
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import FakeAdapter, secret
from tests.tui.fake_audit import Many
from tests.tui.pictures import settle
from tests.tui.steps import press, screen_text

LARGE = (120, 40)


async def works_again(pilot: Pilot[Any]) -> str:
    for state in (State.SEALED, State.OK):
        pilot.app.trouble = state  # type: ignore[attr-defined]
        await settle(pilot)
    await pilot.pause(0.25)
    await settle(pilot)
    return screen_text(pilot)


async def test_the_list(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        fake.fail = Unreachable("The vault does not answer.")
        await press(pilot, "f5")
        assert "The vault does not answer." in screen_text(pilot)
        assert "does not answer" not in await works_again(pilot)


async def test_what_came_of_an_act_stays_to_be_read(fake: FakeAdapter, opened: Opened) -> None:
    fake.add(secret("a_by_bao", flags=["unclassified"]))
    async with opened(who="developer", size=LARGE) as pilot:
        fake.fail = OutcomeUnknown("It is not known whether it was changed.")
        await press(pilot, "A")
        assert "It is not known whether it was changed." in await works_again(pilot)


async def test_a_vault_that_was_away_for_a_moment(
    fake: FakeAdapter, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def well(client: AsyncClient) -> Condition:
        return Condition(State.OK)

    monkeypatch.setattr("statustui.app.look", well)
    async with opened(who="developer", size=LARGE) as pilot:
        fake.fail = Unreachable("The vault does not answer.")
        await press(pilot, "f5")
        await pilot.pause(0.1)
        await settle(pilot)
        assert "does not answer" not in screen_text(pilot), "read again, though nobody saw it in trouble"
        fake.fail = Unreachable("The vault does not answer.")
        await press(pilot, "f5")
        await pilot.pause(0.1)
        await settle(pilot)
        assert "does not answer" in screen_text(pilot), "not again and again"


async def test_a_tab_of_the_details(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await press(pilot, "down", "down")
        fake.fail = Unreachable("The vault does not answer.")
        await press(pilot, ">")
        await pilot.pause(0.25)
        await settle(pilot)
        assert "The vault does not answer." in screen_text(pilot)
        assert "7 versions" in await works_again(pilot)


async def test_events_far_down_where_the_cursor_stays(fake: FakeAdapter, opened: Opened) -> None:
    fake.audit.log = Many(1_000_000)
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        fake.audit.fail = Unreachable("The vault does not answer.")
        await press(pilot, "end")
        assert "The vault does not answer." in screen_text(pilot)
        asked = len(fake.audit.asked)
        await settle(pilot)
        assert len(fake.audit.asked) == asked, "it is not asked for again and again"
        fake.audit.fail = None
        shown = await works_again(pilot)
        assert "does not answer" not in shown
        assert "reason 999999" in shown
        assert pilot.app.screen.query_one(EventTable).cursor == 999_999


async def test_a_page_that_was_not_read_is_asked_for_when_the_cursor_moves(fake: FakeAdapter, opened: Opened) -> None:
    fake.audit.log = Many(1_000_000)
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        fake.audit.fail = Unreachable("The vault does not answer.")
        await press(pilot, "end")
        fake.audit.fail = None
        await press(pilot, "up")
        assert "reason 999999" in screen_text(pilot)
        assert "does not answer" not in screen_text(pilot)


async def test_folded_details_say_that_the_list_could_not_be_read(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await press(pilot, "enter")
        fake.fail = Unreachable("The vault does not answer.")
        await press(pilot, "f5")
        assert "ctrl+r tries again." in screen_text(pilot)
