"""The audit view on a fake adapter: live tail, history, filter, details, to the secret and back."""

from __future__ import annotations

import time
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from adapter.errors import Unreachable
from statustui.audit_screen import AuditScreen
from statustui.event_details import EventDetails
from statustui.event_table import EventTable
from statustui.secret_audit import SecretAuditScreen
from statustui.secret_table import SecretTable
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInAgain
from statustui.versions_screen import VersionsScreen
from statustui.wording import CROSS
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import PASSWORDS, FakeAdapter
from tests.tui.fake_audit import Many, event
from tests.tui.pictures import settle
from tests.tui.steps import press, screen_text, set_text, type_text

LARGE = (120, 40)


async def live(pilot: Pilot[Any]) -> None:
    """Until what was sent has come in."""
    await pilot.pause(0.05)
    await settle(pilot)


def table(pilot: Pilot[Any]) -> EventTable:
    return pilot.app.screen.query_one(EventTable)


async def filtered(pilot: Pilot[Any], text: str) -> None:
    await press(pilot, "slash")
    set_text(pilot, "filter", text)
    await pilot.pause(0.3)
    await settle(pilot)


async def test_two_goes_there_and_one_back_and_both_keep_their_state(opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "down", "down", "v", "2")
        assert isinstance(pilot.app.screen, AuditScreen)
        await press(pilot, "j", "j", "1")
        assert isinstance(pilot.app.screen, VersionsScreen), "what was open is still open"
        await pilot.click("#header-places", offset=(13, 0))
        await settle(pilot)
        assert isinstance(pilot.app.screen, AuditScreen)
        assert table(pilot).cursor == 2
        await press(pilot, "colon")
        await pilot.pause(0.3)
        await pilot.press(*"gotosecrets", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, VersionsScreen)


async def test_the_list_says_who_did_what(opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        text = screen_text(pilot)
        for words in (
            "Audit · live",
            "12 ● live",
            "used               db_password v7",
            f"{CROSS} use denied",
            "? update unknown",
            "! create failed",
            "the log is known since",
        ):
            assert words in text


async def test_events_come_in_as_they_happen(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        fake.audit.happen(event(-1, act="deleted", reason="[/not markup]", requestIds=["new-1"]))
        await live(pilot)
        text = screen_text(pilot)
        assert "[/not markup]" in text
        assert "13 ● live" in text
        current = table(pilot).current
        assert current is not None
        assert current.act == "deleted", "the cursor follows"

        await press(pilot, "down")
        assert "held" in screen_text(pilot)
        for number in range(3):
            fake.audit.happen(event(-2, act="created", requestIds=[f"more-{number}"]))
        await live(pilot)
        assert table(pilot).cursor == 4, "the cursor stays on its event"
        assert "held, 3 new" in screen_text(pilot)
        await press(pilot, "f")
        assert table(pilot).cursor == 0
        assert "16 ● live" in screen_text(pilot)


async def test_a_broken_stream_is_said_and_resumed(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        fake.audit.break_off()
        await pilot.pause(0.8)
        await settle(pilot)
        fake.audit.happen(event(-1, reason="after the break", requestIds=["new-1"]))
        await live(pilot)
        assert "after the break" in screen_text(pilot)


async def test_the_filter_asks_the_adapter(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        await filtered(pilot, "actor:viewer outcome:denied")
        assert fake.audit.asked[-1]["actor"] == "viewer"
        text = screen_text(pilot)
        assert "2 of 12" in text
        assert "gateway_cert" in text
        assert "rolled back" not in text
        fake.audit.happen(event(-1, requestIds=["other"]))
        fake.audit.happen(event(-1, actor="viewer", outcome="denied", reason="this one", requestIds=["new"]))
        await live(pilot)
        assert "3 of 13" in screen_text(pilot), "the live stream obeys the filter too"
        await press(pilot, "enter", "escape")
        await pilot.pause(0.3)
        await settle(pilot)
        assert "rolled back" in screen_text(pilot)


async def test_the_filter_completes_words(opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2", "slash")
        for typed, whole in (("out", "outcome:"), ("den", "outcome:denied"), (" scope:environment/st", None)):
            await type_text(pilot, typed)
            await pilot.pause(0.1)
            await pilot.press("tab")
            await settle(pilot)
            line = pilot.app.screen.query_one("#filter", Input)
            assert line.value == (whole or "outcome:denied scope:environment/staging")
            assert line.has_focus


async def test_a_term_that_is_none_is_explained(opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        await filtered(pilot, "since:soon")
        assert "since: takes a number of minutes, hours, days or weeks" in screen_text(pilot)


async def test_nothing_found_says_what_to_do(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin") as pilot:
        await press(pilot, "2")
        await filtered(pilot, "actor:nobody")
        assert "Nothing matches." in screen_text(pilot)
        await press(pilot, "escape")
        await pilot.pause(0.3)
        await settle(pilot)
        assert "12 ●" in screen_text(pilot)


async def test_details_say_what_right_is_missing(opened: Opened) -> None:
    async with opened(who="admin", size=(80, 24)) as pilot:
        await press(pilot, "2", "down", "down")
        assert not pilot.app.screen.query_one(EventDetails).region.height
        await press(pilot, "enter")
        text = screen_text(pilot)
        for words in (
            f"{CROSS} use denied · gateway_cert · viewer",
            "USE in environment/production, which only components hold.",
            "2026-11-23 09:09:00",
            "in their own words",
            "request-6",
        ):
            assert words in text
        await press(pilot, "escape")
        assert table(pilot).has_focus
        assert table(pilot).cursor == 2


async def test_to_the_secret_and_back(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "v", "2", "down", "s")
        assert isinstance(pilot.app.screen, SecretsScreen)
        current = pilot.app.screen.query_one(SecretTable).current
        assert current is not None
        assert (current.name, current.scope) == ("db_password", "environment/production")
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, AuditScreen)
        assert table(pilot).cursor == 1
        await press(pilot, "down", "s")
        assert "environment/production/gateway_cert is not there any more" in screen_text(pilot)
        await press(pilot, "escape", "end", "up", "s")
        assert isinstance(pilot.app.screen, AuditScreen)
        assert "This event is about no secret." in screen_text(pilot)


async def test_the_events_of_one_secret(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await press(pilot, "down", "down", "a")
        assert isinstance(pilot.app.screen, SecretAuditScreen)
        text = screen_text(pilot)
        assert "db_password · audit · live" in text
        assert "6 ● live" in text
        assert "smtp_relay" not in text
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SecretsScreen)


async def test_a_million_events_scroll_like_a_hundred(fake: FakeAdapter, opened: Opened) -> None:
    spent = {}
    for length in (100, 1_000_000):
        fake.audit.log = Many(length)
        async with opened(who="admin", size=LARGE) as pilot:
            await press(pilot, "2")
            before, started = len(fake.audit.asked), time.process_time()
            await pilot.press(*["pagedown"] * 15)
            await settle(pilot)
            spent[length] = time.process_time() - started
            if length == 100:
                continue
            assert 1 <= len(fake.audit.asked) - before <= 4
            current = table(pilot).current
            assert current is not None
            assert current.reason == f"reason {table(pilot).cursor}"
            await press(pilot, "G")
            current = table(pilot).current
            assert current is not None
            assert current.reason == "reason 999999"
            assert len(fake.audit.asked) - before <= 7, "a jump reads no more than what comes into sight"
            await press(pilot, "g")
            assert table(pilot).cursor == 0
    assert spent[1_000_000] < 3 * spent[100]


async def test_an_error_stands_above_the_table(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        fake.audit.fail = Unreachable("The audit index cannot be read now.", hint="Is it there?")
        await press(pilot, "2")
        text = screen_text(pilot)
        assert "The audit index cannot be read now." in text
        assert "Is it there? ctrl+r tries again." in text
        fake.audit.fail = None
        await press(pilot, "ctrl+r")
        assert "12 ● live" in screen_text(pilot)
        assert "cannot be read" not in screen_text(pilot)


async def test_a_view_that_is_behind_says_so(fake: FakeAdapter, opened: Opened) -> None:
    fake.audit.behind = 52_000_000
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        assert "52 MB of the log are still to be read" in screen_text(pilot).replace("\u202f", " ")


async def test_a_session_that_ends_is_renewed_in_every_place(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        fake.person = None
        await press(pilot, "ctrl+r")
        await live(pilot)
        assert isinstance(pilot.app.screen, SignInAgain)
        set_text(pilot, "password", PASSWORDS["admin"])
        await press(pilot, "enter")
        await live(pilot)
        assert isinstance(pilot.app.screen, AuditScreen)
        assert "12 ● live" in screen_text(pilot)
        await press(pilot, "ctrl+l")
        assert pilot.app.current_mode == "start"
        assert list(pilot.app._screen_stacks) == ["start"], "nothing of the session is left"


async def test_a_key_leaves_out_who_only_looked_and_the_filter_line_says_so(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2")
        await filtered(pilot, "actor:developer")
        await press(pilot, "enter", "h")
        line = pilot.app.screen.query_one("#filter", Input)
        assert line.value == "actor:developer act:-viewed"
        await pilot.pause(0.3)
        await settle(pilot)
        assert fake.audit.asked[-1]["act"] == "-viewed"
        await press(pilot, "h")
        assert line.value == "actor:developer"
