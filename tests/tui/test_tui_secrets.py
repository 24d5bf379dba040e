"""The list: filter, scopes, sorting, folding, rights, details."""

from __future__ import annotations

import pytest
from textual.widgets import DataTable, Input

from adapter.errors import Unreachable
from statustui.details import Details
from statustui.dimmed import KeyFooter
from statustui.scope_tree import ScopeTree
from statustui.secret_table import SecretTable
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInAgain
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import PASSWORDS, FakeAdapter, secret
from tests.tui.pictures import settle
from tests.tui.steps import listed, screen_text, type_text


async def test_the_list_shows_all_six_columns(opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        text = screen_text(pilot)
        for word in ("Name", "Type", "Description", "Scope", "Created", "Used", "Scopes", "13 of 13"):
            assert word in text
        assert "never shown" in text
        assert "secret://environment/production/" in text


async def test_a_narrow_screen_folds(opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        screen = pilot.app.screen
        assert not screen.query_one(ScopeTree).region.width
        assert not screen.query_one(Details).region.width
        table = screen.query_one(SecretTable)
        assert [str(column.key.value) for column in table.columns.values()] == ["name", "type", "scope", "used"]
        assert table.virtual_size.width <= table.size.width

        await pilot.press("tab")
        await settle(pilot)
        assert screen.query_one(ScopeTree).has_focus
        assert screen.query_one(ScopeTree).region.width
        await pilot.press("down", "enter")
        await settle(pilot)
        assert table.has_focus
        assert not screen.query_one(ScopeTree).region.width
        assert len(listed(pilot)) == 2, "the scope global was chosen"

        await pilot.press("enter")
        await settle(pilot)
        assert screen.query_one(Details).region.width > 70
        assert "never shown" in screen_text(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert table.has_focus
        assert not screen.query_one(Details).region.width


async def test_the_filter_narrows_the_list_while_one_types(opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await pilot.press("slash")
        await type_text(pilot, "type:api scope:staging")
        await pilot.pause(0.1)
        assert listed(pilot) == ["openai_key"]
        await pilot.press("enter")
        assert isinstance(pilot.app.focused, SecretTable)
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert len(listed(pilot)) == 13


async def test_nothing_found_says_what_to_do(opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await pilot.press("slash", *"zzz")
        await pilot.pause(0.1)
        assert "Nothing matches." in screen_text(pilot)
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert len(listed(pilot)) == 13


async def test_an_empty_vault_says_what_to_do(fake: FakeAdapter, opened: Opened) -> None:
    fake.secrets.clear()
    async with opened(who="developer") as pilot:
        assert "Press n to create the first one." in screen_text(pilot)


async def test_columns_sort_by_key_and_by_mouse(opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        assert listed(pilot)[0] == "billing_token"
        await pilot.press("O")
        await settle(pilot)
        assert listed(pilot)[-1] == "billing_token"
        table = pilot.app.screen.query_one(SecretTable)
        created = sum(column.get_render_width(table) for column in list(table.columns.values())[:4])
        await pilot.click(SecretTable, offset=(created + 2, 0))
        await settle(pilot)
        assert "Created ▾" in screen_text(pilot)
        assert "2 d" in str(table.get_row_at(0)[4])
        await pilot.press("o")
        await settle(pilot)
        assert str(table.get_row_at(0)[5]) == "now"


async def test_names_are_shown_as_they_are(fake: FakeAdapter, opened: Opened) -> None:
    fake.secrets.clear()
    names = ["[/foo]", "[bold]x[/bold]", "[red]"]
    for name in names:
        fake.add(secret(name, description=f"{name} [link=x]", reason=f"[/] {name}", tags=[name], changedBy=name))
    async with opened(who="admin", size=(120, 40)) as pilot:
        assert sorted(listed(pilot)) == sorted(names)
        for key in ("enter", "escape", "e", "escape", "u", "escape", "d", "escape", "down"):
            await pilot.press(key)
            await settle(pilot)
        assert "[/foo]" in screen_text(pilot)
        assert "[link=x]" in screen_text(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert "was copied" in screen_text(pilot)


async def test_what_one_may_not_do_is_dimmed_and_explained(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="viewer", size=(120, 40)) as pilot:
        bindings = {one.binding.action: one.enabled for one in pilot.app.screen.active_bindings.values()}
        assert not any(bindings[action] for action in ("new", "edit", "update_value", "delete"))
        expected = {
            "n": "Creating needs DEVELOPER in a scope; an ADMIN can grant it.",
            "u": "Updating a value needs DEVELOPER in environment/production",
            "d": "Deleting needs ADMIN; an ADMIN can grant it.",
        }
        for key, sentence in expected.items():
            await pilot.press(key)
            await settle(pilot)
            assert isinstance(pilot.app.screen, SecretsScreen)
            assert sentence in screen_text(pilot)
        await pilot.click("#new")
        await settle(pilot)
        assert expected["n"] in screen_text(pilot)
        assert not any(method != "GET" for method, path in fake.calls if path.startswith("/secrets"))


async def test_an_error_stands_above_the_list(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        fake.fail = Unreachable("The vault does not answer.", hint="Is it running?")
        await pilot.press("f5")
        await settle(pilot)
        text = screen_text(pilot)
        assert "The vault does not answer." in text
        assert "Is it running?" in text
        assert "billing_token" in text, "the list stays"
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "does not answer" not in screen_text(pilot)


async def test_nothing_blocks_while_the_adapter_answers(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        fake.gate.clear()
        await pilot.press("f5", "down", "down", "slash", *"redis")
        await pilot.pause(0.1)
        assert listed(pilot) == ["redis_password"]
        fake.gate.set()
        await settle(pilot)
        assert listed(pilot) == ["redis_password"]


async def test_an_ended_session_is_renewed_and_the_list_read(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        fake.person = None
        await pilot.press("f5")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SignInAgain)
        await type_text(pilot, PASSWORDS["developer"])
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert ("GET", "/secrets") in fake.calls[-2:]


async def test_palette_and_help_list_what_can_be_done(opened: Opened) -> None:
    async with opened(who="developer", size=(120, 50)) as pilot:
        await pilot.press("colon")
        await pilot.pause(0.3)
        text = screen_text(pilot)
        assert "Update value  (u)" in text
        assert "Versions  (v)" in text
        assert "Delete" not in text.split("STATUS")[0]
        assert not any(word in text.lower() for word in ("screenshot", "theme", "maximize"))
        await pilot.press(*"sign")
        await pilot.pause(0.3)
        assert "Sign out  (^l)" in screen_text(pilot)
        await pilot.press(*["backspace"] * 4, *"copy", "enter")
        await settle(pilot)
        assert "secret://environment/production/billing_token was copied." in screen_text(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        assert "Store a new version of the value" in screen_text(pilot)


async def test_two_thousand_secrets_are_filtered_quickly(fake: FakeAdapter, opened: Opened) -> None:
    for number in range(2000):
        fake.add(secret(f"secret_{number:04}", tags=["bulk"]))
    async with opened(who="developer", size=(120, 40)) as pilot:
        assert pilot.app.screen.query_one(DataTable).row_count == 2013
        pilot.app.screen.query_one("#filter", Input).value = "tag:bulk secret_1"
        await pilot.pause(0.1)
        assert pilot.app.screen.query_one(DataTable).row_count == 1000


async def test_the_foot_is_made_anew_only_where_it_changes(
    fake: FakeAdapter, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.add(secret("zz_by_bao", "global", flags=["unclassified"]))
    made: list[KeyFooter] = []
    compose = KeyFooter.compose
    monkeypatch.setattr(KeyFooter, "compose", lambda self: made.append(self) or compose(self))
    async with opened(who="developer", size=(120, 40)) as pilot:
        assert "A Adopt" not in screen_text(pilot).splitlines()[-1]
        before = len(made)
        await pilot.press("down", "down", "down")
        await settle(pilot)
        assert len(made) == before, "each row has the same keys"
        await pilot.press("end")
        await settle(pilot)
        assert len(made) > before
        assert "A Adopt" in screen_text(pilot).splitlines()[-1]
        await pilot.press("home")
        assert pilot.app.screen.query_one(SecretTable).cursor_row == 0
