"""The access place on a real vault: each section, each act, with key presses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select

from statustui.access_screen import SECTIONS, AccessScreen
from statustui.app import StatusApp
from statustui.created import CreatedScreen
from statustui.form import FormScreen
from statustui.many_of import ManyOf
from tests.support.server import Person
from tests.tui.pictures import settle
from tests.tui.running import app_for
from tests.tui.steps import go_to, press, screen_text, set_text, sign_in


@pytest.fixture
async def real(api: httpx.AsyncClient) -> AsyncIterator[StatusApp]:
    async with app_for(api) as app:
        yield app


async def at(pilot: Pilot[Any], person: Person, section: str) -> None:
    await settle(pilot)
    await sign_in(pilot, person.name, person.password.get_secret_value())
    await pilot.press("3")
    await settle(pilot)
    names = [one.name for one in SECTIONS]
    for _ in range(names.index(section)):
        await pilot.press("right")
        await settle(pilot)


async def go_to_row(pilot: Pilot[Any], text: str) -> None:
    assert isinstance(pilot.app.screen, AccessScreen)
    await go_to(pilot, text)


async def reason_and_save(pilot: Pilot[Any], reason: str, confirm: str = "") -> None:
    assert isinstance(pilot.app.screen, FormScreen)
    set_text(pilot, "reason", reason)
    if confirm:
        set_text(pilot, "confirm", confirm)
    await settle(pilot)
    await press(pilot, "ctrl+s")


async def test_the_life_of_a_scope(real: StatusApp, people: dict[str, Person], fresh: str) -> None:
    scope = f"custom/{fresh}"
    async with real.run_test(size=(120, 40)) as pilot:
        await at(pilot, people["admin"], "scopes")
        await go_to_row(pilot, "environment/production")
        await press(pilot, "n")
        set_text(pilot, "scope", "nowhere")
        await settle(pilot)
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, FormScreen), "what is no scope is refused where it stands"
        set_text(pilot, "scope", scope)
        await reason_and_save(pilot, "a new team")
        assert f"{scope}: added" in screen_text(pilot)
        await go_to_row(pilot, scope)
        await press(pilot, "e")
        pilot.app.screen.query_one("#require", Select).value = True
        await reason_and_save(pilot, "audited team")
        await go_to_row(pilot, scope)
        assert "Reasons are asked for" in screen_text(pilot)
        await press(pilot, "d")
        await reason_and_save(pilot, "the team is gone", confirm=scope)
        assert f"{scope}: retired" in screen_text(pilot)
        await go_to_row(pilot, "global")
        assert "d Retire" in screen_text(pilot)
        await press(pilot, "d")
        assert "global stays" in screen_text(pilot)
        await press(pilot, "right")
        assert "d Revoke" in screen_text(pilot), "also from the table, whose own key that is"


async def test_grant_and_revoke(real: StatusApp, api: httpx.AsyncClient, people: dict[str, Person]) -> None:
    outsider, admin = people["outsider"], people["admin"]
    async with real.run_test(size=(120, 40)) as pilot:
        await at(pilot, admin, "grants")
        await press(pilot, "n")
        set_text(pilot, "who", outsider.name)
        pilot.app.screen.query_one("#role", Select).value = "DEVELOPER"
        pilot.app.screen.query_one("#scope", Select).value = "environment/staging"
        await reason_and_save(pilot, "covers for erika")
        who = f"person:{outsider.name}"
        assert f"{who}: DEVELOPER in environment/staging" in screen_text(pilot)
        roles = (await api.get("me", headers=outsider.headers)).json()["roles"]
        assert roles["environment/staging"] == "DEVELOPER"
        await go_to_row(pilot, f"{who} DEVELOPER environment/staging")
        await press(pilot, "d")
        await reason_and_save(pilot, "erika is back")
        assert f"{who}: no longer DEVELOPER in environment/staging" in screen_text(pilot)
        roles = (await api.get("me", headers=outsider.headers)).json()["roles"]
        assert "environment/staging" not in roles


async def test_a_component_is_added_renewed_disabled_and_removed(
    real: StatusApp, people: dict[str, Person], fresh: str
) -> None:
    async with real.run_test(size=(120, 40)) as pilot:
        await at(pilot, people["admin"], "components")
        await press(pilot, "n")
        set_text(pilot, "name", fresh)
        scopes = pilot.app.screen.query_one(ManyOf)
        scopes.focus()
        await press(pilot, "home", "space", "space", "ctrl+s")
        assert "Mark at least one scope" in screen_text(pilot)
        scopes.choose("environment/production")
        scopes.choose("environment/staging")
        await reason_and_save(pilot, "nightly evidence")
        shown = screen_text(pilot)
        assert isinstance(pilot.app.screen, CreatedScreen)
        assert "Role id:" in shown
        assert "bao unwrap" in shown
        await press(pilot, "y")
        assert f"{fresh}: added" in screen_text(pilot)
        await go_to_row(pilot, f"{fresh} environment/production, environment/staging")
        await press(pilot, "u")
        await reason_and_save(pilot, "it was lost")
        assert isinstance(pilot.app.screen, CreatedScreen)
        await press(pilot, "y")
        await go_to_row(pilot, fresh)
        await press(pilot, "b")
        await reason_and_save(pilot, "looks strange")
        await go_to_row(pilot, fresh)
        assert "disabled" in screen_text(pilot)
        await press(pilot, "d")
        await reason_and_save(pilot, "gone", confirm=fresh)
        assert f"{fresh}: removed" in screen_text(pilot)


async def test_a_person_gets_a_password_that_is_shown_once(
    real: StatusApp, api: httpx.AsyncClient, people: dict[str, Person], fresh: str
) -> None:
    async with real.run_test(size=(80, 24)) as pilot:
        await at(pilot, people["admin"], "people")
        await press(pilot, "n")
        set_text(pilot, "name", fresh)
        await reason_and_save(pilot, "joins the team")
        assert isinstance(pilot.app.screen, CreatedScreen)
        value = pilot.app.screen._value
        assert value is not None
        password = value.get_secret_value()
        assert password not in screen_text(pilot)
        await press(pilot, "y")
        assert password not in screen_text(pilot)
        login = {"method": "userpass", "username": fresh, "password": password}
        assert (await api.post("auth/login", json=login)).status_code == 200
        await go_to_row(pilot, fresh)
        await press(pilot, "d")
        await reason_and_save(pilot, "leaves again", confirm=fresh)
        assert (await api.post("auth/login", json=login)).status_code == 401


async def test_temporary_access_is_listed_and_taken_back(
    real: StatusApp, api: httpx.AsyncClient, people: dict[str, Person], fresh: str
) -> None:
    admin = people["admin"]
    new = {"name": fresh, "type": "PASSWORD", "value": "v", "scope": "environment/production"}
    assert (await api.post("secrets", json=new, headers=people["developer"].headers)).status_code == 201
    body = {"who": f"person:{people['viewer'].name}", "ttl": "30m", "uses": 3, "reason": "an incident"}
    path = f"secrets/environment~production~{fresh}/temporary-access"
    assert (await api.post(path, json=body, headers=admin.headers)).status_code == 201
    async with real.run_test(size=(120, 40)) as pilot:
        await at(pilot, admin, "temporary")
        await go_to_row(pilot, fresh)
        assert "an incident" in screen_text(pilot)
        await press(pilot, "d")
        await reason_and_save(pilot, "it is over")
        assert f"access to environment/production/{fresh} taken back" in screen_text(pilot)


async def test_who_is_no_admin_is_told_whom_to_ask(real: StatusApp, people: dict[str, Person]) -> None:
    async with real.run_test(size=(80, 24)) as pilot:
        await at(pilot, people["developer"], "scopes")
        assert "Managing access needs ADMIN; an ADMIN can grant it." in screen_text(pilot)
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, AccessScreen)
        assert not pilot.app.screen.query(Input)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_new_components_scopes_are_all_in_sight(
    real: StatusApp, people: dict[str, Person], size: tuple[int, int]
) -> None:
    async with real.run_test(size=size) as pilot:
        await at(pilot, people["admin"], "components")
        await press(pilot, "n")
        scopes = pilot.app.screen.query_one(ManyOf)
        assert scopes.size.width > 50
        assert scopes.size.height == min(8, scopes.option_count)
        first = str(scopes.get_option_at_index(0).prompt)
        assert first.startswith("[ ] ")
        assert first in screen_text(pilot)
        assert "[ ] environment/production" in [str(option.prompt) for option in scopes.options]
