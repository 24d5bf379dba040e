"""The ways to sign in on the screen, the keyring, and sessions that are renewed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import keyring
import keyring.backend
import keyring.backends.chainer
import pytest
from keyring.backends import SecretService, fail
from pydantic import SecretStr
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select

from adapter.client import oidc
from adapter.model.signing_in import LOOPBACK_REDIRECT
from adapter.vault import Caller
from statustui import browser_wait, keeping
from statustui.app import StatusApp
from statustui.backend import Started
from statustui.clock import Clock
from statustui.keeping import Keeper
from statustui.remembered import SERVICE, OsKeyring
from statustui.secrets_screen import SecretsScreen
from statustui.session import Session
from statustui.signin import SignInAgain, SignInScreen
from statustui.tick import Tick
from tests.support.oidc import make_issuer, remove_issuer
from tests.support.server import People, Server
from tests.tui.fake_adapter import METHODS, NOW, FakeAdapter, FakeBackend
from tests.tui.pictures import settle
from tests.tui.running import app_for
from tests.tui.steps import fill_sign_in, screen_text, set_text, sign_in

OFFERED = [
    METHODS[0],
    {"method": "ldap", "mount": "ldap", "type": "ldap", "description": ""},
    {"method": "ldap", "mount": "branch/ldap", "type": "ldap", "description": ""},
    {"method": "oidc", "mount": "oidc", "type": "oidc", "description": "Company account"},
    {"method": "approle", "mount": "status-approle", "type": "approle", "description": ""},
    METHODS[1],
]


class Drawer:
    """A keyring in memory."""

    def __init__(self, token: str | None = None, *, why_not: str = "") -> None:
        self.token = SecretStr(token) if token else None
        self._why_not = why_not

    async def why_not(self) -> str:
        return self._why_not

    async def get(self) -> SecretStr | None:
        return self.token

    async def put(self, token: SecretStr) -> bool:
        self.token = token
        return True

    async def drop(self) -> None:
        self.token = None


class KeyringBackend(FakeBackend):
    def __init__(self, adapter: FakeAdapter, drawer: Drawer, **more: Any) -> None:
        super().__init__(adapter, **more)
        self.drawer = drawer

    async def start(self, report: Any) -> Started:
        return replace(await super().start(report), remembered=self.drawer)


class MovingClock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def program(backend: FakeBackend, clock: Clock = lambda: NOW) -> AsyncIterator[Pilot[Any]]:
    async with StatusApp(backend, clock=clock).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        yield pilot


async def choose(pilot: Pilot[Any], key: str) -> None:
    pilot.app.screen.query_one("#method", Select).value = key
    await settle(pilot)


def shown(pilot: Pilot[Any]) -> set[str]:
    return {str(one.id) for one in pilot.app.screen.query(Input) if one.parent and one.parent.parent.display}


# --- the ways


async def test_the_ways_are_those_of_the_server(fake: FakeAdapter) -> None:
    fake.methods = OFFERED
    async with program(FakeBackend(fake)) as pilot:
        select = pilot.app.screen.query_one("#method", Select)
        assert [label for label, _ in select._options] == [
            "User name and password",
            "User name and password (LDAP)",
            "User name and password (LDAP) · branch/ldap",
            "In the browser (OpenID Connect) · Company account",
            "AppRole",
            "Vault token",
        ]
        for key, fields in (
            ("ldap", {"username", "password"}),
            ("approle", {"role_id", "secret_id"}),
            ("token", {"token"}),
            ("oidc", set()),
        ):
            await choose(pilot, key)
            assert shown(pilot) == fields
        assert "Open the browser" in screen_text(pilot)


@pytest.mark.parametrize(
    ("key", "fields", "sent"),
    [
        (
            "ldap:branch/ldap",
            {"username": " erika ", "password": " with spaces "},
            {"method": "ldap", "username": "erika", "password": " with spaces ", "mount": "branch/ldap"},
        ),
        (
            "approle",
            {"role_id": "r-1", "secret_id": " s-1 "},
            {"method": "approle", "roleId": "r-1", "secretId": "s-1", "mount": "status-approle"},
        ),
    ],
)
async def test_what_was_typed_goes_to_the_place_chosen(
    fake: FakeAdapter, key: str, fields: dict[str, str], sent: dict[str, str]
) -> None:
    fake.methods = OFFERED
    async with program(FakeBackend(fake)) as pilot:
        await choose(pilot, key)
        for field, text in fields.items():
            set_text(pilot, field, text)
        await pilot.click("#sign-in")
        await settle(pilot)
        assert fake.logins[-1] == sent
        assert "Not signed in" in screen_text(pilot), "the fake adapter knows none of them"
        assert [pilot.app.screen.query_one(f"#{one}", Input).value.strip() for one in fields] == [
            next(iter(fields.values())).strip(),
            "",
        ]


async def test_what_is_missing_is_asked_for(fake: FakeAdapter) -> None:
    fake.methods = OFFERED
    async with program(FakeBackend(fake)) as pilot:
        await choose(pilot, "approle")
        await pilot.click("#sign-in")
        await settle(pilot)
        assert "The role id is missing." in screen_text(pilot)
        set_text(pilot, "role_id", "r")
        await pilot.click("#sign-in")
        await settle(pilot)
        assert "The secret id is missing." in screen_text(pilot)


async def test_the_browser_on_the_real_server(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(browser_wait, "open_page", lambda url: opened.append(url) or False)
    issuer = await make_issuer(server, people["developer"], fresh)
    try:
        async with app_for(api) as app, app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            ways = app.screen.query_one("#method", Select)
            key = next(str(value) for label, value in ways._options if "OpenID" in str(label))
            await choose_without_settling(pilot, key)
            app.screen.query_one("#sign-in", Button).press()
            while not opened:
                await pilot.pause(0.05)
            await pilot.pause()
            text = screen_text(pilot).replace("\n", "").replace(" ", "")
            assert f"provider/{fresh}/authorize" in text.replace("│", "").replace("┃", "")
            app.screen.query_one("#stop-waiting", Button).press()
            await pilot.pause(0.1)
            assert isinstance(app.screen, SignInScreen)
            assert app.screen.query_one("#signin-form").display

            app.screen.query_one("#sign-in", Button).press()
            while len(opened) < 2:
                await pilot.pause(0.05)
            async with httpx.AsyncClient(trust_env=False) as browser:
                assert (await browser.get(await issuer.sign_in(opened[-1], people["developer"]))).status_code == 200
            await settle(pilot)
            assert isinstance(app.screen, SecretsScreen)
    finally:
        await remove_issuer(issuer)


async def choose_without_settling(pilot: Pilot[Any], key: str) -> None:
    pilot.app.screen.query_one("#method", Select).value = key
    await pilot.pause()


def test_the_usual_address_is_that_of_bao_login() -> None:
    assert f"http://localhost:{oidc.PORT}{oidc.PATH}" == LOOPBACK_REDIRECT == "http://localhost:8250/oidc/callback"


# --- the keyring


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


def session(minutes: float) -> Session:
    return Session("erika", {}, NOW + timedelta(minutes=minutes))


def test_a_session_is_due_in_its_last_third_while_somebody_works() -> None:
    clock = MovingClock()
    keeper = Keeper(clock)
    assert not keeper.due(session(60))
    keeper.begin(session(60))
    for minute, due in ((0, False), (39, False), (41, True), (59, True), (61, False)):
        clock.now = NOW + timedelta(minutes=minute)
        keeper.worked()
        assert keeper.due(session(60)) is due, minute
    clock.now = NOW + timedelta(minutes=50)
    keeper.worked()
    clock.now += keeping.IDLE
    assert not keeper.due(session(60)), "nobody is there"
    keeper.worked()
    keeper.renewed(session(60), session(115))
    assert not keeper.due(session(115))
    clock.now = NOW + timedelta(minutes=100)
    keeper.worked()
    assert keeper.due(session(115))
    keeper.renewed(session(115), session(115))
    assert not keeper.due(session(115)), "it gains nothing any more"
    keeper.begin(Session("root", {}, None))
    assert not keeper.due(Session("root", {}, None))


async def test_a_session_renews_itself_and_nothing_is_asked(fake: FakeAdapter) -> None:
    fake.renewals = [timedelta(hours=2), None]
    clock = MovingClock()
    async with program(FakeBackend(fake), clock) as pilot:
        await fill_sign_in(pilot, "developer")
        app = pilot.app
        assert isinstance(app, StatusApp)
        clock.now += timedelta(minutes=45)
        app.keep_session()
        await settle(pilot)
        assert ("POST", "/auth/renew") not in fake.calls, "nobody touched a key for 45 minutes"
        await pilot.press("down")
        app.keep_session()
        await settle(pilot)
        assert fake.calls.count(("POST", "/auth/renew")) == 1
        for _ in range(3):
            await pilot.press("down")
            app.keep_session()
            await settle(pilot)
        assert fake.calls.count(("POST", "/auth/renew")) == 1, "it is not due again"
        assert not isinstance(app.screen, SignInAgain)
        clock.now = NOW + timedelta(minutes=110)
        for _ in range(2):
            await pilot.press("down")
            app.keep_session()
            await settle(pilot)
        assert fake.calls.count(("POST", "/auth/renew")) == 2, "what cannot be renewed is asked once"
        assert isinstance(app.screen, SecretsScreen)


async def test_a_session_outlives_its_token_at_the_real_server(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        body = {"password": "p4ssw0rd", "token_ttl": "5s", "token_max_ttl": "60s"}
        await root.send("POST", "auth/userpass/users", fresh, body=body)
        async with app_for(api) as app, app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await sign_in(pilot, fresh, "p4ssw0rd")
            assert isinstance(app.screen, SecretsScreen)
            ends = app.screen.session.expires_at
            assert ends is not None
            while (ends - datetime.now(UTC)).total_seconds() > 1.5:
                await pilot.pause(0.2)
            await pilot.press("down")
            app.keep_session()
            await settle(pilot)
            renewed = app.screen.session.expires_at
            assert renewed is not None
            assert renewed > ends
            while datetime.now(UTC) <= ends:
                await pilot.pause(0.1)
            await pilot.press("f5")
            await settle(pilot)
            assert isinstance(app.screen, SecretsScreen), "nothing was asked"
        await root.send("DELETE", "auth/userpass/users", fresh)
