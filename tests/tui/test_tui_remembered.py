"""Sessions that are remembered, and the keyring that they are in."""

from __future__ import annotations

import keyring
import keyring.backend
import keyring.backends.chainer
import pytest
from keyring.backends import SecretService, fail
from pydantic import SecretStr
from textual.widgets import Button

from statustui.remembered import SERVICE, OsKeyring
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInScreen
from statustui.tick import Tick
from tests.tui.fake_adapter import FakeAdapter
from tests.tui.pictures import settle
from tests.tui.sessions import Drawer, KeyringBackend, choose, program
from tests.tui.steps import fill_sign_in, screen_text, set_text


async def test_a_remembered_session_goes_on_at_the_next_start(fake: FakeAdapter) -> None:
    drawer = Drawer()
    async with program(KeyringBackend(fake, drawer)) as pilot:
        pilot.app.screen.query_one("#remember", Tick).value = True
        await fill_sign_in(pilot, "developer")
        assert drawer.token is not None
        await pilot.press("q")
        await pilot.pause()
    assert ("POST", "/auth/logout") not in fake.calls, "else it would be over"
    drawer.token = SecretStr("token-of-developer")
    async with program(KeyringBackend(fake, drawer)) as pilot:
        assert isinstance(pilot.app.screen, SecretsScreen)
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SignInScreen)
        assert drawer.token is None, "signing out forgets it"
    assert ("POST", "/auth/logout") in fake.calls, "and ends it"


async def test_nothing_is_remembered_unasked(fake: FakeAdapter) -> None:
    drawer = Drawer()
    async with program(KeyringBackend(fake, drawer)) as pilot:
        await fill_sign_in(pilot, "developer")
        assert drawer.token is None


async def test_a_token_that_was_brought_along_is_not_remembered(fake: FakeAdapter) -> None:
    drawer = Drawer()
    async with program(KeyringBackend(fake, drawer)) as pilot:
        box = pilot.app.screen.query_one("#remember", Tick)
        box.value = True
        await choose(pilot, "token")
        assert not box.display
        set_text(pilot, "token", "token-of-admin")
        pilot.app.screen.query_one("#sign-in", Button).press()
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert drawer.token is None


async def test_a_remembered_session_that_has_ended_says_so(fake: FakeAdapter) -> None:
    drawer = Drawer("token-of-nobody")
    async with program(KeyringBackend(fake, drawer)) as pilot:
        assert "The session that was remembered has ended." in screen_text(pilot)
        assert drawer.token is None
        await fill_sign_in(pilot, "developer")
        assert isinstance(pilot.app.screen, SecretsScreen)


async def test_where_there_is_no_keyring_the_box_says_so_and_stays_off(fake: FakeAdapter) -> None:
    async with program(KeyringBackend(fake, Drawer(why_not="no keyring here"))) as pilot:
        assert "[ ] Remember me: no keyring here" in screen_text(pilot)
        assert pilot.app.screen.query_one("#remember", Tick).disabled


async def test_a_backend_that_writes_files_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plaintext(keyring.backend.KeyringBackend):
        priority = 9  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str | None:
            raise AssertionError("never asked")

        def set_password(self, service: str, username: str, password: str) -> None:
            raise AssertionError("never written")

    for found in (Plaintext(), fail.Keyring(), chain(Plaintext())):
        monkeypatch.setattr(keyring, "get_keyring", lambda found=found: found)
        drawer = OsKeyring("vault")
        assert await drawer.why_not()
        assert await drawer.get() is None
        assert not await drawer.put(SecretStr("x"))
        await drawer.drop()


def chain(*backends: keyring.backend.KeyringBackend) -> object:
    class Chain(keyring.backends.chainer.ChainerBackend):
        pass

    made = object.__new__(Chain)
    Chain.backends = backends  # type: ignore[assignment]
    return made


async def test_the_operating_systems_keyring_is_asked_by_vault(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}

    class Memory(keyring.backend.KeyringBackend):
        def get_password(self, service: str, username: str) -> str | None:
            return kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del kept[service, username]

    Memory.__module__ = SecretService.__name__
    monkeypatch.setattr(keyring, "get_keyring", lambda: Memory())
    one, other = OsKeyring("https://one"), OsKeyring("https://other")
    assert await one.why_not() == ""
    assert await one.put(SecretStr("t0k3n"))
    assert kept == {(SERVICE, "https://one"): "t0k3n"}
    assert await other.get() is None
    assert (await one.get() or SecretStr("")).get_secret_value() == "t0k3n"
    await other.drop()
    await one.drop()
    await one.drop()
    assert kept == {}


# --- renewal
