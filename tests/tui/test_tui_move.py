"""Rename, move, adopt and compare at the keyboard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select, Static

from adapter.errors import Exists
from adapter.model.address import Address
from adapter.model.records import iso
from statustui.compared import ComparedScreen
from statustui.confirm import AskScreen
from statustui.move import MoveScreen
from statustui.secret_table import SecretTable
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInAgain
from statustui.versions_screen import VersionsScreen
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import NOW, PASSWORDS, FakeAdapter, secret
from tests.tui.pictures import settle
from tests.tui.steps import listed, screen_text, set_text, type_text

DB_PASSWORD = Address("environment/production/db_password").id
SIZES = [(80, 24), (120, 40)]


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


async def open_move(pilot: Pilot[Any]) -> None:
    """From the list, on db_password of production."""
    await press(pilot, "down", "down", "m")
    assert isinstance(pilot.app.screen, MoveScreen)


def words(pilot: Pilot[Any]) -> str:
    """What is on the screen, without frames and line ends."""
    return " ".join(screen_text(pilot).replace("│", " ").split())


def question(pilot: Pilot[Any]) -> str:
    """What a dialog says, however it is broken into lines."""
    return str(pilot.app.screen.query_one(".dialog-words", Static).content)


def current(pilot: Pilot[Any]) -> str | None:
    found = pilot.app.screen.query_one(SecretTable).current
    return found.id if found else None


@pytest.mark.parametrize("size", SIZES)
async def test_a_developer_renames(fake: FakeAdapter, opened: Opened, size: tuple[int, int]) -> None:
    async with opened(who="developer", size=size) as pilot:
        await open_move(pilot)
        assert not pilot.app.screen.query(Select)
        assert pilot.app.screen.query_one("#save", Button).disabled
        assert "secret://environment/production/db_password will no longer work" in words(pilot)
        await press(pilot, "end", "ctrl+u")
        await type_text(pilot, "main db")
        await press(pilot, "tab")
        assert "will be stored as main_db" in screen_text(pilot)
        await type_text(pilot, "clearer")
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, AskScreen)
        assert "Rename it to main_db?" in words(pilot)
        assert "Its id is then environment~production~main_db." in question(pilot)
        assert "becomes secret://environment/production/main_db" in question(pilot)
        assert "Version 2 is deleted and arrives destroyed" in question(pilot)
        assert not fake.bodies
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, MoveScreen), "the safe answer keeps the form"
        assert pilot.app.screen.query_one("#name", Input).value == "main db"
        await press(pilot, "ctrl+s", "left", "enter")
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert fake.bodies == [{"name": "main_db", "reason": "clearer"}]
        assert current(pilot) == "environment~production~main_db", "it ends on the renamed row"
        assert "db_password: renamed to main_db; its id is now environment~production~main_db" in words(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_an_admin_moves_to_another_scope(fake: FakeAdapter, opened: Opened, size: tuple[int, int]) -> None:
    async with opened(who="admin", size=size) as pilot:
        await open_move(pilot)
        await press(pilot, "tab", "enter", "home", "enter")
        assert pilot.app.screen.query_one("#scope", Select).value == "environment/development"
        assert "db_password exists already in environment/development." in words(pilot)
        assert pilot.app.screen.query_one("#save", Button).disabled
        set_text(pilot, "name", "moved_db")
        await press(pilot, "ctrl+s")
        assert "Move it to environment/development?" in words(pilot)
        assert "Who may use it is then what environment/development says." in question(pilot)
        await press(pilot, "left", "enter")
        assert fake.bodies == [{"name": "moved_db", "scope": "environment/development"}]
        assert current(pilot) == "environment~development~moved_db"


async def test_what_the_server_refuses_stays_in_the_form(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await open_move(pilot)
        set_text(pilot, "name", "renamed")
        await press(pilot, "ctrl+s")
        fake.fail = Exists("There is already a secret of that name in environment/production.", hint="Choose another.")
        await press(pilot, "left", "enter")
        assert isinstance(pilot.app.screen, MoveScreen)
        assert "There is already a secret of that name" in words(pilot)
        set_text(pilot, "name", "renamed2")
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, AskScreen), "another place is asked about anew"
        await press(pilot, "left", "enter")
        assert current(pilot) == "environment~production~renamed2"


async def test_a_form_in_progress_survives_a_session_that_ends(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await open_move(pilot)
        set_text(pilot, "name", "renamed")
        set_text(pilot, "reason", "why not")
        fake.person = None
        await press(pilot, "ctrl+s", "left", "enter")
        assert isinstance(pilot.app.screen, SignInAgain)
        await type_text(pilot, PASSWORDS["developer"])
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert fake.bodies[-1] == {"name": "renamed", "reason": "why not"}
        assert "renamed" in listed(pilot)


async def test_leaving_with_something_typed_asks(opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await open_move(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SecretsScreen)
        await press(pilot, "m")
        set_text(pilot, "name", "other")
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, AskScreen)


async def test_a_viewer_is_told_what_renaming_needs(opened: Opened) -> None:
    async with opened(who="viewer") as pilot:
        await press(pilot, "m")
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert "Renaming needs DEVELOPER in environment/production" in words(pilot)


async def test_what_the_cli_made_is_adopted_with_one_key(fake: FakeAdapter, opened: Opened) -> None:
    fake.add(secret("a_by_hand", type="CUSTOM", flags=["unclassified", "record_missing"]))
    async with opened(who="developer", size=(120, 40)) as pilot:
        while current(pilot) != "environment~production~a_by_hand":
            await press(pilot, "up")
        assert "A Adopt" in words(pilot)
        await press(pilot, "A")
        assert fake.bodies == [{"type": "CUSTOM"}]
        assert "a_by_hand: kept as a custom secret" in words(pilot)
        assert "A Adopt" not in words(pilot)
        await press(pilot, "A")
        assert len(fake.bodies) == 1


@pytest.mark.parametrize("size", SIZES)
async def test_a_version_is_compared_with_the_current_one(
    fake: FakeAdapter, opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(who="developer", size=size) as pilot:
        await press(pilot, "down", "down", "v")
        await press(pilot, "c")
        assert "Version 7 is the current one: choose another." in words(pilot)
        await press(pilot, "down", "down", "c")
        assert isinstance(pilot.app.screen, ComparedScreen)
        text = words(pilot)
        assert "versions 5 and 7" in text
        assert "host only in version 7" in text
        assert "value another value" in text
        await press(pilot, "escape")
        await press(pilot, "down", "c")
        assert isinstance(pilot.app.screen, VersionsScreen)
        assert "Version 4 is destroyed, so there is nothing to compare." in words(pilot)
        assert [path for _, path in fake.calls if path.endswith("/compare")] == [f"/secrets/{DB_PASSWORD}/compare"]


async def test_deleting_says_what_used_it_lately(fake: FakeAdapter, opened: Opened) -> None:
    fake.secrets[DB_PASSWORD] |= {"lastUsedAt": iso(NOW - timedelta(minutes=4)), "usedBy": ["node-red", "reports"]}
    async with opened(who="admin") as pilot:
        await press(pilot, "down", "down", "d")
        assert "It was last used 4 min ago by node-red, reports." in words(pilot)
