"""Going from place to place."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from adapter.errors import NotAllowed
from statustui.app import StatusApp
from statustui.clock import system_clock
from statustui.header import HeaderBar
from statustui.place import PLACES
from statustui.session import Session
from statustui.session_screen import SessionScreen
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import ROLES, FakeAdapter
from tests.tui.pictures import settle
from tests.tui.steps import screen_text


def test_every_place_has_its_screen_and_a_key_of_its_own(fake: FakeAdapter) -> None:
    session = Session("developer", {}, None)
    for place in PLACES:
        assert isinstance(place.open(fake.client(), session, "vault", system_clock), SessionScreen)
    assert len({place.key for place in PLACES}) == len({place.name for place in PLACES}) == len(PLACES)
    assert all(place.tooltip for place in PLACES)


async def test_the_header_names_the_places(opened: Opened) -> None:
    for size in ((120, 40), (80, 24)):
        async with opened(who="developer", size=size) as pilot:
            top = screen_text(pilot).splitlines()[0]
            assert all(place.label in top for place in PLACES)
            assert pilot.app.screen.query_one(HeaderBar).at == "secrets"
            assert "58 min left" in top


async def test_where_there_is_room_the_header_names_their_keys(opened: Opened) -> None:
    async with opened(who="admin", size=(140, 40)) as pilot:
        assert "1 Secrets  2 Audit  3 Access  4 Health" in screen_text(pilot)


async def test_the_audit_views_foot_has_its_help_on_a_small_screen(opened: Opened) -> None:
    async with opened(who="admin", size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        assert "? Help" in screen_text(pilot).splitlines()[-1]


async def test_places_belong_to_a_session(fake: FakeAdapter, opened: Opened) -> None:
    async with opened() as pilot:
        assert isinstance(pilot.app, StatusApp)
        assert not pilot.app.check_action("go", ("secrets",))


@pytest.mark.parametrize("refused", [True, False])
async def test_a_role_that_was_taken_away_goes_from_the_header(
    fake: FakeAdapter, opened: Opened, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        assert "developer DEVELOPER" in screen_text(pilot)
        monkeypatch.setitem(ROLES, "developer", "USER")
        if refused:
            await pilot.press("d", "e")
            await settle(pilot)
            fake.fail = NotAllowed("You may not change it.")
            pilot.app.screen.query_one("#description", Input).value = "another"
            await pilot.press("ctrl+s")
        else:
            await pilot.press("ctrl+r")
        await settle(pilot)
        header = pilot.app.screen_stack[-2 if refused else -1].query_one(HeaderBar)
        assert header.person == "developer USER"
        assert "58 min left" in screen_text(pilot), "its end stays"


async def test_moving_is_called_so(opened: Opened) -> None:
    for who, heading in (("admin", "Rename or move ·"), ("developer", "Rename ·")):
        async with opened(who=who, size=(80, 24)) as pilot:
            await pilot.press("m")
            await settle(pilot)
            assert heading in screen_text(pilot)
