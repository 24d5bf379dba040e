"""The forms that change a secret: update, edit, delete; somebody may be faster."""

from __future__ import annotations

import pytest
from textual.widgets import Button, Input, Select

from adapter.errors import Conflict
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import FakeAdapter, secret
from tests.tui.pictures import settle
from tests.tui.steps import listed, screen_text, type_text

CANARY = "canary-7f3e9b"


async def test_update_makes_a_version_on_top_of_the_one_seen(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        await pilot.press("down", "down", "u")
        await settle(pilot)
        await type_text(pilot, CANARY)
        await pilot.press("tab", "tab", "tab", "tab")
        await type_text(pilot, "leaked")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "db_password · version 8 was created" in screen_text(pilot)
        assert fake.bodies[-1] == {"value": CANARY, "reason": "leaked", "ifVersion": 7}
        await pilot.press("tab", "enter")
        await settle(pilot)
        assert "db_password: version 8 created" in screen_text(pilot)
        assert CANARY not in screen_text(pilot)


async def test_edit_sends_only_what_changed(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        await pilot.press("down", "down", "e")
        await settle(pilot)
        assert pilot.app.screen.query_one("#save", Button).disabled
        pilot.app.screen.query_one("#tags", Input).value = "database"
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1] == {"tags": ["database"]}
        assert "db_password: details saved" in screen_text(pilot)


async def test_delete_asks_for_the_name(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=(120, 40)) as pilot:
        await pilot.press("d")
        await settle(pilot)
        assert "This cannot be undone." in screen_text(pilot)
        assert "last used 2 h ago." in screen_text(pilot)
        await type_text(pilot, "billing")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert len(fake.secrets) == 13
        await type_text(pilot, "_token")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert len(fake.secrets) == 12
        assert "billing_token: deleted, with all its versions" in screen_text(pilot)
        assert "billing_token" not in listed(pilot)


async def test_saving_an_edit_that_changes_nothing_says_so(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await pilot.press("e")
        await settle(pilot)
        await pilot.press("ctrl+s", "ctrl+s")
        await settle(pilot)
        assert "Nothing was changed." in screen_text(pilot)
        pilot.app.screen.query_one("#tags", Input).value = "other"
        await settle(pilot)
        assert "Nothing was changed." not in screen_text(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1] == {"tags": ["other"]}


async def test_after_a_conflict_the_next_save_is_made_knowingly(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        await pilot.press("down", "down", "u")
        await settle(pilot)
        await type_text(pilot, CANARY)
        fake.secrets["environment~production~db_password"]["version"] = 9
        await pilot.press("ctrl+s")
        await settle(pilot)
        text = screen_text(pilot)
        assert "Changed meanwhile" in text
        assert "Version 10 will hold the new value" in text
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1] == {"value": CANARY, "ifVersion": 9}
        assert "db_password · version 10 was created" in screen_text(pilot)


async def test_an_edit_keeps_what_was_typed_over_a_conflict(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        await pilot.press("down", "down", "e")
        await settle(pilot)
        pilot.app.screen.query_one("#description", Input).value = "mine"
        fake.secrets["environment~production~db_password"] |= {"description": "theirs", "usage": "theirs too"}
        fake.fail = Conflict("Somebody was faster.")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Changed meanwhile" in screen_text(pilot)
        assert pilot.app.screen.query_one("#usage", Input).value == "theirs too"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1] == {"description": "mine"}


async def test_a_secret_that_has_gone_leaves_the_list(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        await pilot.press("u")
        await settle(pilot)
        await type_text(pilot, CANARY)
        del fake.secrets["environment~production~billing_token"]
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "There is no such secret." in screen_text(pilot)
        await pilot.press("escape", "left", "enter")
        await settle(pilot)
        assert "billing_token" not in listed(pilot)


async def test_an_edit_changes_type_and_rotation(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await pilot.press("e")
        await settle(pilot)
        pilot.app.screen.query_one("#type", Select).value = "TOKEN"
        pilot.app.screen.query_one("#rotateEvery", Input).value = "soon"
        await settle(pilot)
        assert "The rotation interval is not valid." in screen_text(pilot)
        pilot.app.screen.query_one("#rotateEvery", Input).value = "12w"
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1] == {"rotateEvery": "12w", "type": "TOKEN"}


async def test_public_facts_stand_in_the_details(fake: FakeAdapter, opened: Opened) -> None:
    fake.add(secret("a_cert", type="CERTIFICATE", facts={"not_after": "2027-01-01", "subject": "CN=[/x]"}))
    async with opened(who="developer", size=(160, 44)) as pilot:
        text = screen_text(pilot)
        assert "Not after    2027-01-01" in text
        assert "CN=[/x]" in text


async def test_an_edit_does_not_turn_another_ones_type_back(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        await pilot.press("e")
        await settle(pilot)
        pilot.app.screen.query_one("#description", Input).value = "mine"
        fake.secrets["environment~production~billing_token"]["type"] = "TOKEN"
        fake.fail = Conflict("Somebody was faster.")
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1] == {"description": "mine"}


@pytest.mark.parametrize("key", ["n", "e", "u", "m", "d"])
async def test_no_form_calls_a_reason_optional(opened: Opened, key: str) -> None:
    async with opened(who="admin", size=(80, 24)) as pilot:
        await pilot.press(key)
        await settle(pilot)
        reason = pilot.app.screen.query_one("#reason", Input)
        assert "some scopes require it" in reason.placeholder
        assert len(reason.placeholder) <= reason.size.width
