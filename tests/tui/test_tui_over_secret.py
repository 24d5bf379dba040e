"""Who can use a secret, temporary access and diagnosis, from the list of secrets on a real vault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from textual.pilot import Pilot
from textual.widgets import Select

from adapter.vault import Caller
from adapter.vault.answers import decode_auth
from statustui.app import StatusApp
from statustui.created import CreatedScreen
from statustui.diagnosis_screen import DiagnosisScreen
from statustui.form import FormScreen
from statustui.secrets_screen import SecretsScreen
from statustui.users_screen import UsersScreen
from tests.support.server import People, Person, Server
from tests.tui.pictures import settle
from tests.tui.running import app_for
from tests.tui.steps import press, screen_text, set_text, sign_in

CANARY = "canary-3f01ac"


@pytest.fixture
async def real(api: httpx.AsyncClient) -> AsyncIterator[StatusApp]:
    async with app_for(api) as app:
        yield app


async def at(pilot: Pilot[Any], api: httpx.AsyncClient, people: People, who: Person, fresh: str) -> None:
    """Signed in, the cursor on a secret that was just made."""
    new = {"name": fresh, "type": "PASSWORD", "value": CANARY, "scope": "environment/production"}
    assert (await api.post("secrets", json=new, headers=people["developer"].headers)).status_code == 201
    await settle(pilot)
    await sign_in(pilot, who.name, who.password.get_secret_value())
    screen = pilot.app.screen
    assert isinstance(screen, SecretsScreen)
    screen.reveal(f"environment~production~{fresh}", "")
    await settle(pilot)


async def test_who_can_use_it_and_giving_it_to_somebody_for_a_while(
    real: StatusApp, api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    viewer = people["viewer"]
    async with real.run_test(size=(120, 40)) as pilot:
        await at(pilot, api, people, people["admin"], fresh)
        await press(pilot, "<")
        await pilot.pause(0.3)
        await settle(pilot)
        assert f"person:{viewer.name}" in screen_text(pilot), "in the details' own tab"
        assert "can use its value" in screen_text(pilot)
        await press(pilot, "p")
        assert isinstance(pilot.app.screen, UsersScreen)
        shown = screen_text(pilot)
        assert f"person:{viewer.name}" in shown
        assert "USER in environment/production" in shown
        await press(pilot, "t")
        set_text(pilot, "who", viewer.name)
        set_text(pilot, "uses", "0")
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, FormScreen), "no use at all, and no reason"
        set_text(pilot, "uses", "2")
        set_text(pilot, "reason", "incident 7")
        await settle(pilot)
        await press(pilot, "ctrl+s")
        created = pilot.app.screen
        assert isinstance(created, CreatedScreen)
        assert "bao unwrap -field=token" in screen_text(pilot)
        assert created._value is not None
        wrapped = created._value
        assert wrapped.get_secret_value() not in screen_text(pilot)
        await press(pilot, "y")
        assert f"person:{viewer.name}: can read environment/production/{fresh} until" in screen_text(pilot)
        assert "temporary access" in screen_text(pilot)
        assert wrapped.get_secret_value() not in screen_text(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SecretsScreen)
    assert await read_with(server, api, wrapped.get_secret_value(), fresh) == CANARY


async def read_with(server: Server, api: httpx.AsyncClient, wrapped: str, name: str) -> str:
    """What whoever was given the wrapping token gets by it."""
    async with server.vault() as vault:
        _, content = await vault.session(Caller(SecretStr(wrapped))).send("POST", "sys/wrapping/unwrap")
        token = decode_auth(content).client_token
    path = f"secrets/environment~production~{name}/value"
    answer = await api.post(path, json={}, headers={"X-Vault-Token": token})
    return str(answer.json()["value"])


async def test_a_diagnosis_for_oneself_and_for_somebody_else(
    real: StatusApp, api: httpx.AsyncClient, people: People, fresh: str
) -> None:
    outsider = people["outsider"]
    async with real.run_test(size=(80, 24)) as pilot:
        await at(pilot, api, people, people["admin"], fresh)
        await press(pilot, "D")
        assert isinstance(pilot.app.screen, DiagnosisScreen)
        answer = pilot.app.screen.answer
        assert answer is not None
        assert answer.summary.split()[0] in screen_text(pilot)
        await press(pilot, "p")
        set_text(pilot, "who", f"{fresh}-nobody")
        await settle(pilot)
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, FormScreen), "there is no such component"
        pilot.app.screen.query_one("#kind", Select).value = "person"
        set_text(pilot, "who", outsider.name)
        await settle(pilot)
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, DiagnosisScreen)
        assert f"For person:{outsider.name}: " in screen_text(pilot)
        found = pilot.app.screen.answer
        assert found is not None
        assert any(one.result == "problem" for one in found.findings)


async def test_what_needs_admin_says_so(real: StatusApp, api: httpx.AsyncClient, people: People, fresh: str) -> None:
    async with real.run_test(size=(120, 40)) as pilot:
        await at(pilot, api, people, people["developer"], fresh)
        await press(pilot, "p")
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert "Seeing who can use a secret needs ADMIN; an ADMIN can grant it." in screen_text(pilot)
        await press(pilot, "D", "p")
        assert isinstance(pilot.app.screen, DiagnosisScreen)
        assert "Asking for somebody else needs ADMIN" in screen_text(pilot)
