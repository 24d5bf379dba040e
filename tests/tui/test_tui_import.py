"""Import on the screen: file, preview, and doing it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from textual.pilot import Pilot
from textual.widgets import Button

from adapter.errors import NotSignedIn, Unreachable
from statustui.import_form import ImportForm
from statustui.import_preview import ImportPreview
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInAgain
from tests.support.server import People
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import FakeAdapter
from tests.tui.pictures import settle
from tests.tui.running import app_for
from tests.tui.steps import screen_text, set_text, sign_in, type_text

CANARY = "canary-1mp0rt"


async def preview(pilot: Pilot[Any], file: Path) -> str:
    """From the list: the import of a file, by keys."""
    await pilot.press("ctrl+o")
    await settle(pilot)
    assert isinstance(pilot.app.screen, ImportForm)
    set_text(pilot, "path", str(file))
    await pilot.press("ctrl+s")
    await settle(pilot)
    return screen_text(pilot)


async def test_preview_then_import(fake: FakeAdapter, opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    lines = [f"NEW_{number}={CANARY}" for number in range(12)]
    file.write_text("\n".join([*lines, f"BILLING_TOKEN={CANARY}", f"TWICE={CANARY}", f"TWICE={CANARY}", ""]))
    async with opened(who="developer", size=(120, 40)) as pilot:
        text = await preview(pilot, file)
        assert isinstance(pilot.app.screen, ImportPreview)
        assert "environment/production: would be: 12 created, 1 changed, 2 refused" in text
        assert "+ new" in text
        assert "~ version 2" in text
        assert "! refused" in text
        await pilot.press("G")
        await settle(pilot)
        assert "Several entries would be stored under this name" in screen_text(pilot)
        assert not fake.bodies
        await pilot.press("ctrl+s")
        await settle(pilot)
        text = screen_text(pilot)
        assert "environment/production: 12 created, 1 changed, 2 refused" in text
        assert "✓ created" in text
        assert [len(body["names"]) for body in fake.bodies] == [10, 3], "in parts"
        assert pilot.app.screen.query_one("#save", Button).disabled
        assert CANARY not in text
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert "12 created, 1 changed, 2 refused" in screen_text(pilot)


async def test_what_goes_wrong_can_be_repeated(fake: FakeAdapter, opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"A_KEY={CANARY}\n")
    async with opened(who="developer", size=(80, 24)) as pilot:
        text = await preview(pilot, tmp_path / "absent")
        assert "There is no such file or folder." in text
        set_text(pilot, "path", str(file))
        await pilot.press("ctrl+s")
        await settle(pilot)
        fake.fail = Unreachable("The vault does not answer.", hint="Try again.")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The vault does not answer." in screen_text(pilot)
        fake.fail = NotSignedIn("It has ended.", hint="Sign in.")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SignInAgain)
        set_text(pilot, "password", "developer-pass-7xQ")
        pilot.app.screen.query_one("#password").focus()
        await pilot.press("enter")
        await settle(pilot)
        assert "environment/production: 1 created, 0 changed, 0 refused" in screen_text(pilot), "goes on by itself"
        assert len(fake.bodies) == 1


async def test_who_may_not_is_told_why(opened: Opened) -> None:
    async with opened(who="viewer") as pilot:
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert "needs DEVELOPER" in screen_text(pilot)


async def test_on_the_real_server(api: httpx.AsyncClient, people: People, fresh: str, tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    file.write_text(f'{{"{fresh}_key": "{CANARY}", "{fresh}_cert": {{"type": "CERTIFICATE", "value": "{CANARY}"}}}}')
    person = people["developer"]
    async with app_for(api) as app, app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await sign_in(pilot, person.name, person.password.get_secret_value())
        await pilot.press("ctrl+o")
        await settle(pilot)
        await type_text(pilot, str(file))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "would be: 1 created, 0 changed, 1 refused" in screen_text(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        text = screen_text(pilot)
        assert "environment/production: 1 created, 0 changed, 1 refused" in text
        assert CANARY not in text
    secret = await api.get(f"/secrets/environment~production~{fresh}_key", headers=person.headers)
    assert secret.json()["type"] == "API_KEY"
