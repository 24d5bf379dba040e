"""What leads on from the audit view: investigating, what is unusual, exporting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.widgets import Input

from statustui.audit_screen import AuditScreen
from statustui.export_file import ExportScreen, path_problem
from statustui.header import HeaderBar
from statustui.investigate_screen import InvestigateScreen
from statustui.plain_table import PlainTable
from statustui.reports_screen import ReportsScreen
from statustui.secrets_screen import SecretsScreen
from statustui.unusual_screen import UnusualScreen
from statustui.update_value import UpdateValueScreen
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import FakeAdapter
from tests.tui.fake_audit import finding
from tests.tui.pictures import settle
from tests.tui.steps import screen_text, set_text
from tests.tui.test_tui_audit import LARGE, press


async def test_who_could_have_a_value_and_rotate_it(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2", "i")
        assert isinstance(pilot.app.screen, InvestigateScreen)
        assert fake.audit.asked[-1] == {"secret": "environment/production/db_password"}
        text = screen_text(pilot)
        for words in (
            "Who could have the value of environment/production/db_password",
            "The current value is of 2026-11-23 09:10:00",
            "node-red",
            "has it",
            "v6",
            "wrote v6",
            "wrote it",
            "may read",
            "25 min left",
            "u Rotate now",
        ):
            assert words in text
        await press(pilot, "u")
        assert isinstance(pilot.app.screen, UpdateValueScreen)
        set_text(pilot, "value", "another-one-7Xc2")
        await press(pilot, "ctrl+s", "y")
        assert isinstance(pilot.app.screen, InvestigateScreen)
        assert "db_password: version 8 created" in screen_text(pilot)
        await press(pilot, "s")
        assert isinstance(pilot.app.screen, SecretsScreen)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, InvestigateScreen), "back to where one came from"
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, AuditScreen)


async def test_what_somebody_touched(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2", "down", "down", "I")
        assert fake.audit.asked[-1] == {"actor": "viewer"}
        text = screen_text(pilot)
        assert "What viewer touched" in text
        assert "used (denied) 3" in text
        await press(pilot, "down", "s")
        assert isinstance(pilot.app.screen, SecretsScreen)


async def test_the_count_grows_while_one_is_elsewhere(
    fake: FakeAdapter, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statustui.app._LOOK_AGAIN", 0.05)
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "4")
        assert "2 unusual" in screen_text(pilot).splitlines()[0]
        fake.audit.findings.insert(0, finding(1, actor="intruder"))
        await pilot.pause(0.5)
        assert "3 unusual" in screen_text(pilot).splitlines()[0]


async def test_the_list_of_what_is_unusual_grows_and_the_cursor_stays_on_its_row(
    fake: FakeAdapter, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statustui.app._LOOK_AGAIN", 0.05)
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2", "exclamation_mark", "down")
        fake.audit.findings.insert(0, finding(1, actor="intruder"))
        await pilot.pause(0.5)
        await settle(pilot)
        assert "intruder" in screen_text(pilot)
        assert pilot.app.screen.query_one(PlainTable).cursor_row == 2, "still on root's"


async def test_the_header_counts_what_is_unusual_and_leads_there(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await settle(pilot)
        assert "2 unusual" in screen_text(pilot).splitlines()[0]
        assert pilot.app.screen.query_one(HeaderBar).unusual == 2
        await pilot.app.run_action("unusual")
        await settle(pilot)
        await settle(pilot)
        assert isinstance(pilot.app.screen, UnusualScreen)
        text = screen_text(pilot)
        for words in ("2 findings in the last day, by 1 rule", "Switched off: unusual_hours", "denied 6 times", "root"):
            assert words in text
        await press(pilot, "w")
        assert fake.audit.asked[-1] == {"from": "7d"}
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, AuditScreen)
        line = pilot.app.screen.query_one("#filter", Input).value
        assert line == "actor:viewer from:2026-11-23T09:07:00.000Z to:2026-11-23T09:09:01.000Z"
        await pilot.pause(0.4)
        await settle(pilot)
        assert "gateway_cert" in screen_text(pilot)
        assert "rolled back" not in screen_text(pilot)


async def test_what_only_an_admin_may_is_dimmed_and_explained(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="viewer", size=LARGE) as pilot:
        assert "unusual" not in screen_text(pilot).splitlines()[0]
        await press(pilot, "2")
        for key, words in (
            ("i", "Investigating needs ADMIN"),
            ("I", "Investigating needs ADMIN"),
            ("l", "Seeing the vault's own lines needs ADMIN"),
            ("exclamation_mark", "Seeing what is unusual needs ADMIN"),
        ):
            await press(pilot, key)
            assert isinstance(pilot.app.screen, AuditScreen)
            assert words in screen_text(pilot)
        assert ("GET", "/audit/unusual") not in fake.calls


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
async def test_the_filtered_events_are_exported(fake: FakeAdapter, opened: Opened, own_home: Path, ending: str) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2", "slash")
        set_text(pilot, "filter", "actor:viewer")
        await pilot.pause(0.4)
        await press(pilot, "enter", "x")
        assert isinstance(pilot.app.screen, ExportScreen)
        assert "2 events" in screen_text(pilot)
        set_text(pilot, "path", f"~/events.{ending}")
        await press(pilot, "ctrl+s")
        written = own_home / f"events.{ending}"
        assert f"{written}: written" in screen_text(pilot)
        assert written.stat().st_mode & 0o777 == 0o600
        lines = written.read_text().splitlines()
        assert len(lines) == 2
        if ending == "jsonl":
            assert {json.loads(line)["actor"] for line in lines} == {"viewer"}
        await press(pilot, "x")
        set_text(pilot, "path", f"~/events.{ending}")
        await press(pilot, "ctrl+s")
        assert "There is such a file already" in screen_text(pilot)
        assert isinstance(pilot.app.screen, ExportScreen)


def test_where_one_may_write(tmp_path: Path) -> None:
    endings = (".jsonl", ".csv")
    for text, words in (
        (str(tmp_path / "a.jsonl"), ""),
        ("", "Name a file."),
        (str(tmp_path), "Name a file."),
        (str(tmp_path / "a.txt"), "End the name with .jsonl or .csv."),
        (str(tmp_path / "b" / "a.csv"), "There is no such folder."),
    ):
        assert path_problem(text, endings) == words


async def test_an_export_that_breaks_off_leaves_nothing(
    fake: FakeAdapter, opened: Opened, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int, part: bytes) -> int:
        raise OSError(28, "No space left on device")

    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2", "x")
        set_text(pilot, "path", "~/events.csv")
        monkeypatch.setattr("statustui.export_file.write", full)
        await press(pilot, "ctrl+s")
        assert "No space left on" in screen_text(pilot)
        assert not (own_home / "events.csv").exists()


async def test_the_vaults_own_lines(opened: Opened) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2", "down", "l")
        text = screen_text(pilot)
        for words in (
            "The vault's own lines · updated · db_password v7",
            "Request request-4",
            '"type": "response"',
            "[/x]",
        ):
            assert words in text
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, AuditScreen)


async def test_the_reports(fake: FakeAdapter, opened: Opened, own_home: Path) -> None:
    async with opened(who="admin", size=LARGE) as pilot:
        await press(pilot, "2", "R")
        assert isinstance(pilot.app.screen, ReportsScreen)
        text = screen_text(pilot)
        for words in ("Unused", "Never rotated", "About unused.", "global/[/unused]", "2026-11-23", "204"):
            assert words in text
        await press(pilot, "<")
        text = screen_text(pilot)
        assert fake.audit.asked[-1] == {"report": "activity"}
        assert "Denied         9" in text
        assert any(block in text for block in "▁▂▃▄▅▆▇█")
        assert text.index("2026-11-23") < text.index("2026-11-20"), "the newest day first"
        await press(pilot, ">", ">", ">", ">")
        assert "nothing is like that" in screen_text(pilot)
        for ending, words in (("html", "html page"), ("md", "md page"), ("json", '"name": "rotation-due"')):
            await press(pilot, "x")
            set_text(pilot, "path", f"~/report.{ending}")
            await press(pilot, "ctrl+s")
            assert words in (own_home / f"report.{ending}").read_text()
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, AuditScreen)
