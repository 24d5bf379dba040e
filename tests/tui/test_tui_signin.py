"""Boot and sign-in."""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets import Input, Select

from adapter.errors import SetupFailed
from statustui.boot import BootScreen
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInScreen
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import PASSWORDS, FakeAdapter, FakeBackend
from tests.tui.pictures import settle
from tests.tui.steps import screen_text, sign_in


async def test_boot_says_what_it_is_doing(fake: FakeAdapter) -> None:
    from statustui.app import StatusApp

    wait = asyncio.Event()
    app = StatusApp(FakeBackend(fake, wait=wait))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert "Starting the vault…" in screen_text(pilot)
        wait.set()
        await settle(pilot)
        assert isinstance(app.screen, SignInScreen)


async def test_a_failed_start_is_explained_and_tried_again(fake: FakeAdapter, opened: Opened) -> None:
    refused = SetupFailed("Port 8200 is in use.", hint="Choose another: --vault-listen.")
    async with opened(backend=FakeBackend(fake, failures=[refused])) as pilot:
        text = screen_text(pilot)
        assert isinstance(pilot.app.screen, BootScreen)
        assert all(part in text for part in ("Cannot start", "Port 8200 is in use.", "--vault-listen", "Try again"))
        await pilot.press("r")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SignInScreen)


async def test_q_leaves_a_failed_start(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(backend=FakeBackend(fake, failures=[SetupFailed("No.")])) as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert not pilot.app.is_running


async def test_signing_in_leads_to_the_list(opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        assert isinstance(pilot.app.screen, SecretsScreen)
        text = screen_text(pilot)
        assert "developer DEVELOPER" in text
        assert "58 min left" in text
        assert "billing_token" in text


async def test_a_wrong_password_is_explained_in_place(opened: Opened) -> None:
    async with opened() as pilot:
        await sign_in(pilot, "developer", "wrong-canary")
        text = screen_text(pilot)
        assert "Not signed in" in text
        assert "User name or password is wrong." in text
        assert pilot.app.screen.query_one("#username", Input).value == "developer"
        assert pilot.app.screen.query_one("#password", Input).value == ""
        assert pilot.app.screen.query_one("#password").has_focus
        await pilot.press(*("minus" if char == "-" else char for char in PASSWORDS["developer"]), "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)


async def test_a_missing_password_is_asked_for(opened: Opened) -> None:
    async with opened() as pilot:
        await pilot.press("x", "enter", "enter")
        assert "The password is missing." in screen_text(pilot)


async def test_the_token_at_hand_signs_in(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(backend=FakeBackend(fake, token="token-of-admin")) as pilot:
        await pilot.click("#use-token")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert fake.person == "admin"


async def test_the_first_run_shows_the_accounts_once(fake: FakeAdapter, opened: Opened) -> None:
    backend = FakeBackend(fake, first_run=True)
    async with opened(backend=backend) as pilot:
        text = screen_text(pilot)
        assert backend.shown == 1
        assert all(password in text for password in PASSWORDS.values())
        assert all(role in text for role in ("USER", "DEVELOPER", "ADMIN"))
        assert "shown once" in text

        await pilot.press("c")
        assert pilot.app.clipboard == "", "nothing secret is kept for pasting inside"
        await pilot.pause()
        assert "The password of viewer was copied." in screen_text(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert "All names and passwords were copied." in screen_text(pilot)

        await pilot.press("down", "enter")
        await pilot.pause()
        assert pilot.app.screen.query_one("#username", Input).value == "developer"
        await pilot.press("enter")
        await settle(pilot)
        assert fake.person == "developer"

        await pilot.press("ctrl+l")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SignInScreen)
        assert fake.person is None
        assert not any(password in screen_text(pilot) for password in PASSWORDS.values())


async def test_the_accounts_can_be_dismissed(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(backend=FakeBackend(fake, first_run=True)) as pilot:
        await pilot.click("#kept")
        await settle(pilot)
        assert PASSWORDS["admin"] not in screen_text(pilot)
        assert pilot.app.screen.query_one("#username").has_focus


async def test_fast_typing_keeps_its_order_over_tab(opened: Opened) -> None:
    """A password manager types name, Tab and password faster than the screen can follow."""
    from textual import events

    async with opened() as pilot:
        for key in (*"viewer", "tab", *"secret"):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else "\t"))
        await settle(pilot)
        assert pilot.app.screen.query_one("#username", Input).value == "viewer"
        assert pilot.app.screen.query_one("#password", Input).value == "secret"


async def test_leaving_asks_while_the_accounts_are_shown(fake: FakeAdapter, opened: Opened) -> None:
    for key in ("q", "ctrl+q"):
        async with opened(backend=FakeBackend(fake, first_run=True)) as pilot:
            await pilot.press(key)
            await settle(pilot)
            assert "These passwords are not shown again. Leave?" in screen_text(pilot)
            await pilot.press("enter")
            await settle(pilot)
            assert isinstance(pilot.app.screen, SignInScreen)
            await pilot.press(key, "left", "enter")
            await pilot.pause()
            assert not pilot.app.is_running


async def test_leaving_revokes_the_sessions_token(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert not pilot.app.is_running
    assert fake.calls[-1] == ("POST", "/auth/logout")


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+l"])
async def test_a_borrowed_token_is_never_revoked(fake: FakeAdapter, opened: Opened, key: str) -> None:
    backend = FakeBackend(fake, token="token-of-admin")
    async with opened(backend=backend) as pilot:
        await pilot.click("#use-token")
        await settle(pilot)
        await pilot.press(key)
        await pilot.pause()
    assert ("POST", "/auth/logout") not in fake.calls
    assert fake.person == "admin"


async def test_a_typed_token_is_borrowed_too(fake: FakeAdapter, opened: Opened) -> None:
    async with opened() as pilot:
        pilot.app.screen.query_one("#method", Select).value = "token"
        pilot.app.screen.query_one("#token", Input).value = "token-of-admin"
        pilot.app.screen.query_one("#sign-in").focus()
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)
        await pilot.press("ctrl+l")
        await settle(pilot)
    assert ("POST", "/auth/logout") not in fake.calls


async def test_a_refused_token_at_hand_is_not_offered_again(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(backend=FakeBackend(fake, token="token-of-nobody")) as pilot:
        await settle(pilot)
        assert "the token of VAULT_TOKEN or ~/.vault-token" in screen_text(pilot)
        await pilot.click("#use-token")
        await settle(pilot)
        assert "Not signed in" in screen_text(pilot)
        assert not pilot.app.screen.query("#use-token")


async def test_help_works_before_signing_in(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(backend=FakeBackend(fake, first_run=True)) as pilot:
        await pilot.press("question_mark")
        await settle(pilot)
        assert "Copy all names and passwords" in screen_text(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SignInScreen)


@pytest.mark.parametrize("first_run", [True, False])
async def test_it_says_what_helps_when_the_passwords_are_lost(
    fake: FakeAdapter, opened: Opened, first_run: bool
) -> None:
    async with opened(size=(120, 40), backend=FakeBackend(fake, first_run=first_run)) as pilot:
        assert ("All passwords lost?" in screen_text(pilot)) is not first_run
