"""The ways to sign in on the screen."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select

from adapter.client import oidc
from adapter.model.signing_in import LOOPBACK_REDIRECT
from statustui import browser_wait
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInScreen
from tests.support.oidc import make_issuer, remove_issuer
from tests.support.server import People, Server
from tests.tui.fake_adapter import FakeAdapter, FakeBackend
from tests.tui.pictures import settle
from tests.tui.running import app_for
from tests.tui.sessions import OFFERED, choose, program, shown
from tests.tui.steps import screen_text, set_text


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
