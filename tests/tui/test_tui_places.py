"""Going from place to place."""

from __future__ import annotations

from statustui.app import StatusApp
from statustui.clock import system_clock
from statustui.header import HeaderBar
from statustui.place import PLACES
from statustui.session import Session
from statustui.session_screen import SessionScreen
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import FakeAdapter
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


async def test_places_belong_to_a_session(fake: FakeAdapter, opened: Opened) -> None:
    async with opened() as pilot:
        assert isinstance(pilot.app, StatusApp)
        assert not pilot.app.check_action("go", ("secrets",))
