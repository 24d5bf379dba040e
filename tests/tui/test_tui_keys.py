"""Encryption keys among the secrets: created, rotated with a reason, never shown; from key presses to a real vault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot

from statustui.app import StatusApp
from statustui.key_forms import NewKeyScreen, RotateKeyScreen
from statustui.key_rows import KeyRow
from statustui.secret_table import SecretTable
from statustui.secrets_screen import SecretsScreen
from tests.support.server import People
from tests.tui.pictures import settle
from tests.tui.running import app_for
from tests.tui.steps import listed, screen_text, set_text, sign_in, type_text


@pytest.fixture
async def real(api: httpx.AsyncClient) -> AsyncIterator[StatusApp]:
    async with app_for(api) as app:
        yield app


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


async def look_for(pilot: Pilot[Any], words: str) -> None:
    await pilot.press("slash")
    set_text(pilot, "filter", words)
    await pilot.pause(0.2)
    await press(pilot, "enter")


async def test_a_key_is_created_and_rotated(
    real: StatusApp, api: httpx.AsyncClient, people: People, fresh: str
) -> None:
    developer = people["developer"]
    async with real.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await sign_in(pilot, developer.name, developer.password.get_secret_value())
        await press(pilot, "K")
        assert isinstance(real.screen, NewKeyScreen)
        await type_text(pilot, "ends-")
        await press(pilot, "ctrl+s")
        assert "may not end with '-'" in screen_text(pilot)
        set_text(pilot, "name", fresh.upper())
        set_text(pilot, "reason", "monthly export")
        await settle(pilot)
        assert f"will be stored as {fresh}" in screen_text(pilot)
        await press(pilot, "ctrl+s")
        assert isinstance(real.screen, SecretsScreen)
        assert f"{fresh}: key created in environment/production" in screen_text(pilot)
        await look_for(pilot, f"type:key {fresh}")
        assert listed(pilot) == [fresh]
        row = real.screen.query_one(SecretTable).current
        assert isinstance(row, KeyRow)
        text = screen_text(pilot)
        assert "Key" in text
        assert "never leaves the vault" in text
        assert "secret://" not in text

        await press(pilot, "u")
        assert isinstance(real.screen, RotateKeyScreen)
        assert "Version 2 will encrypt from now on" in screen_text(pilot)
        await type_text(pilot, "yearly")
        await press(pilot, "ctrl+s")
        text = screen_text(pilot)
        assert f"{fresh}: version 2 encrypts from now on" in text
        assert "1: what they encrypted" in text
        await press(pilot, "c")
        assert f"environment~production~{fresh} was copied." in screen_text(pilot)
        for key, words in (("e", "no details to edit"), ("d", "never deleted"), ("v", "are in its details")):
            await press(pilot, key)
            assert words in screen_text(pilot), key
            assert isinstance(real.screen, SecretsScreen)
    (found,) = [one for one in (await api.get("/keys", headers=developer.headers)).json() if one["name"] == fresh]
    assert found["version"] == 2


async def test_a_viewer_sees_keys_and_changes_none(
    real: StatusApp, api: httpx.AsyncClient, people: People, fresh: str
) -> None:
    body = {"name": fresh, "scope": "environment/production"}
    assert (await api.post("/keys", json=body, headers=people["developer"].headers)).status_code == 201
    viewer = people["viewer"]
    async with real.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await sign_in(pilot, viewer.name, viewer.password.get_secret_value())
        await look_for(pilot, fresh)
        assert listed(pilot) == [fresh]
        for key, words in (("u", "Rotating a key needs DEVELOPER"), ("K", "Creating needs DEVELOPER")):
            await press(pilot, key)
            assert words in screen_text(pilot)
            assert isinstance(real.screen, SecretsScreen)


async def test_a_key_and_a_secret_of_one_name_stand_side_by_side(
    real: StatusApp, api: httpx.AsyncClient, people: People, fresh: str
) -> None:
    developer = people["developer"]
    key = {"name": fresh, "scope": "environment/production"}
    secret = {"name": fresh, "type": "PASSWORD", "value": "x", "scope": "environment/production"}
    for path, body in (("/keys", key), ("/secrets", secret)):
        assert (await api.post(path, json=body, headers=developer.headers)).status_code == 201
    async with real.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await sign_in(pilot, developer.name, developer.password.get_secret_value())
        await look_for(pilot, fresh)
        assert listed(pilot) == [fresh, fresh]
        await look_for(pilot, f"{fresh} type:key")
        assert isinstance(real.screen.query_one(SecretTable).current, KeyRow)
