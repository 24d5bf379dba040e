"""Sessions that are renewed while somebody works."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from adapter.vault import Caller
from statustui import keeping
from statustui.app import StatusApp
from statustui.keeping import Keeper
from statustui.secrets_screen import SecretsScreen
from statustui.session import Session
from statustui.signin import SignInAgain
from tests.support.server import People, Server
from tests.tui.fake_adapter import NOW, FakeAdapter, FakeBackend
from tests.tui.pictures import settle
from tests.tui.running import app_for
from tests.tui.sessions import MovingClock, program
from tests.tui.steps import fill_sign_in, sign_in


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
        body = {"password": "p4ssw0rd", "token_ttl": "10s", "token_max_ttl": "60s"}
        await root.send("POST", "auth/userpass/users", fresh, body=body)
        async with app_for(api) as app, app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await sign_in(pilot, fresh, "p4ssw0rd")
            assert isinstance(app.screen, SecretsScreen)
            ends = app.screen.session.expires_at
            assert ends is not None
            while (ends - datetime.now(UTC)).total_seconds() > 3:
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
