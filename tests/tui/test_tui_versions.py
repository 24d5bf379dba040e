"""The versions of one secret: shown, rolled back, deleted, undeleted, destroyed."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from adapter.errors import Unreachable
from adapter.model.address import Address
from statustui.details import Details
from statustui.roll_back import RollBackScreen
from statustui.secret_table import SecretTable
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInAgain
from statustui.version_state import DeleteVersionScreen, DestroyVersionScreen, UndeleteVersionScreen
from statustui.version_table import VersionTable
from statustui.versions_screen import VersionsScreen
from statustui.wording import DASH
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import PASSWORDS, FakeAdapter, version
from tests.tui.pictures import settle
from tests.tui.steps import screen_text, set_text, type_text

DB_PASSWORD = Address("environment/production/db_password").id
LARGE = (120, 40)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


async def open_versions(pilot: Pilot[Any], *, down: int = 0) -> None:
    """From the list to db_password's versions, `down` rows below the newest."""
    await press(pilot, "down", "down", "v")
    assert isinstance(pilot.app.screen, VersionsScreen)
    await press(pilot, *["down"] * down)


def highlighted(pilot: Pilot[Any]) -> int | None:
    current = pilot.app.screen.query_one(VersionTable).current
    return current.version if current else None


def cells(pilot: Pilot[Any], row: int) -> list[str]:
    return [str(cell).strip() for cell in pilot.app.screen.query_one(VersionTable).get_row_at(row)]


@pytest.mark.parametrize("size", [(80, 24), LARGE])
async def test_the_versions_with_who_when_and_why(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(who="viewer", size=size) as pilot:
        await open_versions(pilot)
        table = pilot.app.screen.query_one(VersionTable)
        assert table.virtual_size.width <= table.size.width
        text = screen_text(pilot)
        for words in ("db_password · versions", "7 versions", "#  State", "Created", "By", "Reason", "esc Back"):
            assert words in text
        assert all(key in text for key in ("r Roll back", "d Delete", "U Undelete", "x Destroy", "? Help"))
        assert cells(pilot, 0)[:2] == ["7", "current"]
        assert cells(pilot, 0)[3:] == ["developer", "quarterly rotation"]
        assert cells(pilot, 1)[3:] == [DASH, "written outside STATUS"]
        assert cells(pilot, 2)[4] == "rolled back from 3 · the staging host got this one by mistake"
        assert cells(pilot, 3)[1] == "destroyed"
        assert cells(pilot, 4)[4] == DASH
        assert "statu…tform" in text or "status_jwt_a…he_platform" in text

        await press(pilot, "j", "j")
        assert "Version 5 · earlier" in screen_text(pilot)
        assert "the staging host got this one by mistake" in screen_text(pilot), "in full below the table"
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SecretsScreen)


async def test_the_footer_of_the_list_fits_80_columns(opened: Opened) -> None:
    async with opened(who="admin") as pilot:
        foot = screen_text(pilot).splitlines()[-1]
        assert foot.strip() == "n New  u Update  e Edit  d Delete  v Versions  / Filter  : Commands  ? Help"


async def test_a_developer_rolls_back(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await open_versions(pilot, down=2)
        await press(pilot, "r")
        assert isinstance(pilot.app.screen, RollBackScreen)
        assert "Version 8 will copy version 5; history stays." in screen_text(pilot)
        await type_text(pilot, "wrong host")
        await press(pilot, "enter")
        assert pilot.app.focused is pilot.app.screen.query_one("#save", Button)
        await press(pilot, "enter")
        assert fake.bodies[-1] == {"version": 5, "ifVersion": 7, "reason": "wrong host"}
        assert isinstance(pilot.app.screen, VersionsScreen)
        assert "db_password: version 8 created, a copy of version 5" in screen_text(pilot)
        assert highlighted(pilot) == 8
        assert cells(pilot, 0)[4] == "rolled back from 5 · wrong host"
        assert cells(pilot, 1)[:2] == ["7", "earlier"]

        await press(pilot, "escape")
        current = pilot.app.screen.query_one(SecretTable).current
        assert current is not None
        assert (current.id, current.version) == (DB_PASSWORD, 8)
        assert pilot.app.screen.query_one(Details)._secret == current


async def test_leaving_without_a_change_reads_nothing(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await open_versions(pilot)
        before = len(fake.calls)
        await press(pilot, "escape")
        assert len(fake.calls) == before


async def test_somebody_was_faster(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await open_versions(pilot, down=2)
        await press(pilot, "r")
        set_text(pilot, "reason", "wrong host")
        fake.versions[DB_PASSWORD][0]["state"] = "earlier"
        fake.versions[DB_PASSWORD].insert(0, version(8, "current", createdBy="[/admin]"))
        await press(pilot, "ctrl+s")
        text = screen_text(pilot)
        assert "Somebody was faster: version 8 was made by [/admin]." in text
        assert "Look at the new version, then repeat." in text
        assert "wrong host" in text, "nothing is lost"
        assert "Version 9 will copy version 5; history stays." in text
        await press(pilot, "ctrl+s")
        assert "version 9 created, a copy of version 5" in screen_text(pilot)
        assert fake.bodies[-1] == {"version": 5, "ifVersion": 8, "reason": "wrong host"}


async def test_a_given_up_rollback_shows_what_is_new(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await open_versions(pilot, down=2)
        await press(pilot, "r")
        fake.versions[DB_PASSWORD].insert(0, version(8, "current"))
        await press(pilot, "ctrl+s", "escape")
        assert cells(pilot, 0)[0] == "8"
        assert highlighted(pilot) == 5, "the cursor stays"


async def test_a_version_is_deleted_and_undeleted(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await open_versions(pilot, down=2)
        await press(pilot, "d")
        assert isinstance(pilot.app.screen, DeleteVersionScreen)
        assert "Nothing is lost: U undeletes it." in screen_text(pilot)
        assert "current version" not in screen_text(pilot)
        await type_text(pilot, "obsolete")
        await press(pilot, "ctrl+s")
        assert fake.bodies[-1] == {"reason": "obsolete"}
        assert cells(pilot, 2)[:2] == ["5", "deleted"]
        assert highlighted(pilot) == 5
        assert "db_password: version 5 deleted; U undeletes it" in screen_text(pilot)

        await press(pilot, "d")
        assert "Version 5 is deleted already; U undeletes it." in screen_text(pilot)
        await press(pilot, "U")
        assert isinstance(pilot.app.screen, UndeleteVersionScreen)
        await press(pilot, "ctrl+s")
        assert cells(pilot, 2)[:2] == ["5", "earlier"]
        assert "db_password: version 5 undeleted" in screen_text(pilot)
        assert [call for call in fake.calls if "versions/" in call[1]] == [
            ("DELETE", f"/secrets/{DB_PASSWORD}/versions/5"),
            ("POST", f"/secrets/{DB_PASSWORD}/versions/5/undelete"),
        ]


async def test_deleting_the_current_version_says_what_that_means(opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await open_versions(pilot)
        await press(pilot, "d")
        assert "current version: whoever uses" in " ".join(screen_text(pilot).replace("│", " ").split())


async def test_destroying_asks_for_the_number(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=(80, 24)) as pilot:
        await open_versions(pilot, down=4)
        await press(pilot, "x")
        assert isinstance(pilot.app.screen, DestroyVersionScreen)
        assert "gone for good" in screen_text(pilot)
        assert "^s Destroy for good" in screen_text(pilot)
        await press(pilot, "2", "ctrl+s")
        assert "That is not its number yet." in screen_text(pilot)
        assert not fake.bodies
        set_text(pilot, "confirm", "3")
        set_text(pilot, "reason", "leaked")
        await press(pilot, "ctrl+s")
        assert fake.bodies[-1] == {"reason": "leaked"}
        assert fake.calls[-2] == ("POST", f"/secrets/{DB_PASSWORD}/versions/3/destroy")
        assert "db_password: version 3 destroyed" in screen_text(pilot)
        assert cells(pilot, 4)[:2] == ["3", "destroyed"]


async def test_what_the_state_rules_out_is_explained(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await open_versions(pilot)
        rows = {
            0: {"r": "Version 7 is the current one already.", "U": "Version 7 is not deleted."},
            3: {
                "r": "Version 4 is destroyed, so there is nothing to copy.",
                "d": "Version 4 is destroyed: its value is gone.",
                "U": "Version 4 is destroyed: its value is gone.",
                "x": "Version 4 is destroyed already.",
            },
            5: {"r": "Version 2 is deleted, so there is nothing to copy; U undeletes it."},
        }
        for row, reasons in rows.items():
            await press(pilot, "g", *["down"] * row)
            for key, reason in reasons.items():
                await press(pilot, key)
                assert isinstance(pilot.app.screen, VersionsScreen)
                assert reason in screen_text(pilot)
        assert not fake.bodies


async def test_a_user_sees_all_and_changes_nothing(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="viewer", size=LARGE) as pilot:
        await open_versions(pilot, down=2)
        bindings = {one.binding.action: one.enabled for one in pilot.app.screen.active_bindings.values()}
        assert not any(bindings[action] for action in ("roll_back", "delete", "undelete", "destroy"))
        expected = {
            "r": "Rolling back needs DEVELOPER in environment/production",
            "d": "Deleting a version needs DEVELOPER in environment/production",
            "U": "Undeleting a version needs DEVELOPER in environment/production",
            "x": "Destroying a version needs ADMIN",
        }
        for key, sentence in expected.items():
            await press(pilot, key)
            assert isinstance(pilot.app.screen, VersionsScreen)
            assert sentence in screen_text(pilot)
        assert not fake.bodies


async def test_a_developer_may_not_destroy(opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await open_versions(pilot, down=2)
        await press(pilot, "x")
        assert "Destroying a version needs ADMIN; an ADMIN can grant it." in screen_text(pilot)


async def test_a_click_on_a_dimmed_key_gives_its_reason(opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        foot = screen_text(pilot).splitlines()[-1]
        await pilot.click(offset=(foot.index("d Delete"), 23))
        await settle(pilot)
        assert "Deleting needs ADMIN" in screen_text(pilot)
        await pilot.click(offset=(foot.index("e Edit"), 23))
        await settle(pilot)
        assert not isinstance(pilot.app.screen, SecretsScreen)


async def test_foreign_text_is_shown_as_it_is(fake: FakeAdapter, opened: Opened) -> None:
    fake.secrets[DB_PASSWORD]["name"] = "[/db]"
    fake.versions[DB_PASSWORD] = [
        version(9, "current", createdBy="[/who]", reason="[red]why[/red] \x1b[2J"),
        version(8, "[/state]", origin="[/origin]", flags=["[/flag]"], createdAt="[/when]"),
    ]
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "slash", *"db", "enter")
        await press(pilot, "g", "v")
        text = screen_text(pilot)
        assert "[/db] · versions" in text
        assert "[/who]" in text
        assert "[red]why[/red] \N{REPLACEMENT CHARACTER}[2J" in text
        await press(pilot, "down")
        for words in ("Version 8 · [/state]", "[/origin]", "[/flag]", "[/when]"):
            assert words in screen_text(pilot)
        for key in ("r", "d", "x"):
            await press(pilot, key)
            assert "[/db]" in screen_text(pilot)
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, VersionsScreen)


async def test_a_rollback_survives_the_end_of_the_session(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await open_versions(pilot, down=2)
        await press(pilot, "r")
        set_text(pilot, "reason", "wrong host")
        fake.person = None
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, SignInAgain)
        set_text(pilot, "password", PASSWORDS["developer"])
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, VersionsScreen)
        assert "version 8 created, a copy of version 5" in screen_text(pilot)
        assert fake.bodies[-1]["reason"] == "wrong host"


async def test_reading_the_versions_survives_it_too(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        fake.person = None
        await press(pilot, "down", "down", "v")
        assert isinstance(pilot.app.screen, SignInAgain)
        set_text(pilot, "password", PASSWORDS["developer"])
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, VersionsScreen)
        assert highlighted(pilot) == 7


async def test_signing_out_leaves_nothing_open(opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await open_versions(pilot)
        await press(pilot, "ctrl+l")
        assert not any(isinstance(one, SecretsScreen | VersionsScreen) for one in pilot.app.screen_stack)


async def test_waiting_is_shown_in_place(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        fake.gate.clear()
        await pilot.press("down", "down", "v")
        await pilot.pause(0.1)
        assert isinstance(pilot.app.screen, VersionsScreen)
        assert "━" in screen_text(pilot)
        await pilot.press("r", "escape")
        await pilot.pause(0.1)
        assert isinstance(pilot.app.screen, SecretsScreen), "nothing blocks"
        fake.gate.set()
        await settle(pilot)


async def test_a_vault_that_is_gone_is_asked_again(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await press(pilot, "down", "down")
        fake.fail = Unreachable("The vault does not answer.", hint="Is it running?")
        await press(pilot, "v")
        text = screen_text(pilot)
        assert "The vault cannot be reached" in text
        assert "Is it running? ctrl+r tries again." in text
        await press(pilot, "r")
        assert "There is no version to do that with." in screen_text(pilot)
        await press(pilot, "ctrl+r")
        assert "does not answer" not in screen_text(pilot)
        assert highlighted(pilot) == 7


async def test_the_palette_knows_the_acts_on_versions(opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await open_versions(pilot, down=2)
        await pilot.press("colon")
        await pilot.pause(0.3)
        text = screen_text(pilot)
        assert "Roll back  (r)" in text
        assert "Destroy  (x)" not in text
        await pilot.press(*"roll", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, RollBackScreen)
