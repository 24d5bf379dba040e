"""The tabs of a secret's details: overview, versions, audit, access."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from adapter.errors import Unreachable
from adapter.model.records import iso
from adapter.model.wire import SecretView
from statustui.audit_tab import AuditTab
from statustui.detail_lines import detail_rows
from statustui.details import Details
from statustui.secret_audit import SecretAuditScreen
from statustui.secret_table import SecretTable
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInAgain
from statustui.versions_screen import VersionsScreen
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import NOW, PASSWORDS, FakeAdapter, secret, version
from tests.tui.fake_audit import event
from tests.tui.pictures import settle
from tests.tui.steps import press, screen_text, type_text

LARGE = (120, 40)


async def read(pilot: Pilot[Any]) -> str:
    """What stands there once the cursor has rested."""
    await pilot.pause(0.25)
    await settle(pilot)
    return screen_text(pilot)


def asked(fake: FakeAdapter, what: str) -> int:
    return sum(path.endswith(what) for _, path in fake.calls)


@pytest.mark.parametrize("size", [(80, 24), LARGE, (160, 40)])
async def test_keys_go_through_the_tabs(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(who="admin", size=size) as pilot:
        await press(pilot, "down", "down", ">")
        shown = await read(pilot)
        assert "Overview  Versions  Audit  Access" in shown
        assert "7 versions; v compares and rolls back" in shown
        assert "quarterly" in shown
        assert "7  current" in shown
        await press(pilot, ">")
        shown = await read(pilot)
        assert "6 events; a filters and opens them" in shown
        assert "rolled back" in shown
        assert "flow 7c3" in shown, "the reason"
        await press(pilot, "<", "<")
        assert "never shown" in screen_text(pilot)
        assert "7 versions" not in screen_text(pilot)


async def test_where_they_are_folded_away_the_key_brings_the_details(opened: Opened) -> None:
    async with opened(who="admin", size=(80, 24)) as pilot:
        await press(pilot, "down", "down", "enter", "right", "right")
        assert "6 events" in await read(pilot)
        await press(pilot, "escape")
        assert pilot.app.screen.query_one(SecretTable).has_focus
        assert not pilot.app.screen.query_one(Details).region.height
        await press(pilot, "<")
        assert pilot.app.screen.query_one(Details).has_focus
        assert "7 versions" in await read(pilot)


async def test_a_click_chooses_a_tab(opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "down", "down")
        await pilot.click("#details-tabs", offset=(22, 0))
        assert "6 events" in await read(pilot)


async def test_a_tab_reads_only_in_sight_and_once_the_cursor_rests(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "down", "down")
        await read(pilot)
        assert not asked(fake, "/versions")
        assert not asked(fake, "/audit")
        await press(pilot, ">")
        await read(pilot)
        for row in (3, 4, 5, 6, 7, 8):  # as quick as a key that is held down
            pilot.app.screen.query_one(SecretTable).move_cursor(row=row)
        assert "7 versions" not in await read(pilot)
        assert asked(fake, "/versions") == 2
        await press(pilot, ">")
        await read(pilot)
        assert following(pilot)
        await press(pilot, "<")
        await read(pilot)
        assert not following(pilot), "nothing follows what is not in sight"


def following(pilot: Pilot[Any]) -> bool:
    return any(isinstance(one.node, AuditTab) for one in pilot.app.workers)


async def test_the_audit_tab_is_live(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await press(pilot, "down", "down", ">", ">")
        assert "6 events" in await read(pilot)
        fake.audit.happen(event(-3, actor="intruder", act="used", outcome="denied", flags=["denial_burst"]))
        fake.audit.happen(event(-4, actor="other", act="used", secret="environment/production/smtp_relay"))
        shown = await read(pilot)
        assert "7 events" in shown
        assert "▲" in shown
        assert "use denied" in shown
        assert "intruder" in shown
        assert "other" not in shown


async def test_a_changed_secret_is_read_again(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await press(pilot, "down", "down", ">")
        assert "7 versions" in await read(pilot)
        one = next(iter(fake.versions.values()))
        one.insert(0, version(8, "current", reason="by somebody else"))
        await press(pilot, "f5")
        shown = await read(pilot)
        assert "8 versions" in shown
        assert "by somebody else" in shown


async def test_what_is_not_for_this_person_is_said_and_not_asked(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="viewer", size=LARGE) as pilot:
        await press(pilot, "down", "down", "<")
        assert "Seeing who can use a secret needs ADMIN; an ADMIN can grant it." in await read(pilot)
        assert not asked(fake, "/access")


async def test_an_error_stands_in_the_tab_and_the_next_try_mends_it(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await press(pilot, "down", "down")
        fake.fail = Unreachable("The vault does not answer.")
        await press(pilot, ">")
        assert "The vault does not answer." in await read(pilot)
        await press(pilot, "f5")
        assert "7 versions" in await read(pilot)


@pytest.mark.parametrize("steps", [1, 2])
async def test_an_ended_session_is_renewed_and_the_tab_read(fake: FakeAdapter, opened: Opened, steps: int) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        await press(pilot, "down", "down")
        fake.person = None
        pilot.app.screen.query_one(Details).step(steps)
        await read(pilot)
        assert isinstance(pilot.app.screen, SignInAgain)
        await type_text(pilot, PASSWORDS["developer"])
        await press(pilot, "enter")
        assert ("7 versions" if steps == 1 else "6 events") in await read(pilot)


async def test_foreign_text_is_not_markup(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=LARGE) as pilot:
        one = next(iter(fake.versions.values()))
        one.insert(0, version(8, "[/x]", reason="[bold] [/y]", createdBy="[red]"))
        fake.audit.happen(event(-3, actor="[/z]", act="used", reason="[link=x]"))
        await press(pilot, "down", "down", ">")
        shown = await read(pilot)
        assert "[/x]" in shown
        assert "[bold] [/y]" in shown
        await press(pilot, ">")
        shown = await read(pilot)
        assert "[/z]" in shown
        assert "[link=x]" in shown


@pytest.mark.parametrize("size", [(80, 24), LARGE, (160, 40)])
async def test_an_ssh_keys_public_key_is_shown_and_copied(
    fake: FakeAdapter, opened: Opened, size: tuple[int, int]
) -> None:
    line = f"ssh-rsa {'AAAAB3NzaC1yc2E' * 40} erika@host"
    facts = {"algorithm": "RSA", "bits": "4096", "fingerprint": "SHA256:x", "public_key": line}
    fake.add(secret("a_deploy_key", "environment/production", type="SSH_KEY", facts=facts))
    async with opened(who="viewer", size=size) as pilot:
        await type_filter(pilot, "a_deploy_key")
        await press(pilot, "enter", "end")
        shown = screen_text(pilot)
        assert "ssh-rsa" in shown
        assert "AAAAB3Nza" in shown
        assert "erika@host" in shown
        assert "C copies it" in shown
        await press(pilot, "C")
        assert pilot.app.clipboard == line
        assert "The public key of a_deploy_key was copied." in screen_text(pilot)


async def test_a_reference_breaks_after_its_slashes(fake: FakeAdapter, opened: Opened) -> None:
    fake.add(secret("a_token_with_a_longer_name", "environment/production"))
    async with opened(who="viewer", size=(160, 40)) as pilot:
        await type_filter(pilot, "a_token_with_a_longer_name")
        lines = [line.split("│")[-2].strip() for line in screen_text(pilot).splitlines() if line.count("│") > 2]
        assert "Reference    secret://environment/" in lines
        assert lines[lines.index("Reference    secret://environment/") + 1] == "production/"


async def test_what_is_no_ssh_key_has_no_public_key_to_copy(opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "down", "C")
        assert pilot.app.clipboard == ""
        assert "was copied" not in screen_text(pilot)


async def type_filter(pilot: Pilot[Any], words: str) -> None:
    await press(pilot, "slash")
    await type_text(pilot, words)
    await pilot.pause(0.1)
    await press(pilot, "enter")


async def test_enter_opens_what_the_tab_shows(opened: Opened) -> None:
    async with opened(who="viewer", size=LARGE) as pilot:
        await press(pilot, "down", "down", "enter", "enter")
        assert isinstance(pilot.app.screen, SecretsScreen), "the overview has nothing more"
        for steps, screen in ((1, VersionsScreen), (1, SecretAuditScreen)):
            await press(pilot, *["right"] * steps, "enter")
            assert isinstance(pilot.app.screen, screen)
            await press(pilot, "escape")
        await press(pilot, "right", "enter")
        assert isinstance(pilot.app.screen, SecretsScreen), "who can use it is for ADMINs"


@pytest.mark.parametrize(
    ("days", "words"), [(88, "every 90d, due in 1 d"), (93, "every 90d, due 3 d ago"), (0, "every 90d, due in 89 d")]
)
def test_when_the_value_is_to_be_changed(days: int, words: str) -> None:
    rotated = iso(NOW - timedelta(days=days, hours=2))
    one = SecretView.model_validate(secret("x", rotateEvery="90d", rotatedAt=rotated))
    assert dict(detail_rows(one, NOW))["Rotation"].plain == words


def test_an_interval_that_is_none_is_shown_as_it_is() -> None:
    one = SecretView.model_validate(secret("x", rotateEvery="[soon]"))
    assert dict(detail_rows(one, NOW))["Rotation"].plain == "every [soon]"
