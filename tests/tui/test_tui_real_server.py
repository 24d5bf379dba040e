"""The whole way, from key presses to a real vault and back."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from pydantic import SecretStr
from textual import events
from textual.widgets import Select

from statustui.app import StatusApp
from statustui.created import CreatedScreen
from statustui.fields import Field
from statustui.secret_table import SecretTable
from statustui.secrets_screen import SecretsScreen
from statustui.version_table import VersionTable
from statustui.versions_screen import VersionsScreen
from statustui.wording import DASH
from tests.support.server import Person, Server
from tests.tui.pictures import settle
from tests.tui.running import app_for
from tests.tui.steps import listed, screen_text, set_text, sign_in, type_new_secret

CANARY = "canary-5d81c0"


@pytest.fixture
async def real(api: httpx.AsyncClient) -> AsyncIterator[StatusApp]:
    async with app_for(api) as app:
        yield app


async def test_sign_in_create_list(
    real: StatusApp, api: httpx.AsyncClient, people: dict[str, Person], fresh: str
) -> None:
    developer = people["developer"]
    async with real.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await sign_in(pilot, developer.name, developer.password.get_secret_value())
        assert isinstance(real.screen, SecretsScreen)
        assert f"{developer.name} DEVELOPER" in screen_text(pilot)

        await type_new_secret(pilot, name=fresh.upper(), value=CANARY, description="From the terminal")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(real.screen, CreatedScreen)
        assert CANARY not in screen_text(pilot)
        await pilot.press("tab", "enter")
        await settle(pilot)

        assert fresh in listed(pilot)
        current = real.screen.query_one(SecretTable).current
        assert current is not None
        assert (current.name, current.version, current.created_by) == (fresh, 1, developer.name)
        assert f"{fresh}: version 1 created" in screen_text(pilot)
        assert CANARY not in screen_text(pilot)

    found: dict[str, Any] = (await api.get(f"secrets/environment~production~{fresh}", headers=developer.headers)).json()
    assert found["description"] == "From the terminal"


async def test_a_rollback_and_the_states_of_versions(
    real: StatusApp, api: httpx.AsyncClient, server: Server, people: dict[str, Person], fresh: str
) -> None:
    admin = people["admin"]
    new = {"name": fresh, "type": "PASSWORD", "value": CANARY, "scope": "environment/production"}
    assert (await api.post("secrets", json=new, headers=admin.headers)).status_code == 201
    where = f"secrets/environment~production~{fresh}"
    for value in ("second-41c0", "third-9e22"):
        change = {"value": value, "reason": "rotation"}
        assert (await api.post(f"{where}/versions", json=change, headers=admin.headers)).is_success

    async with real.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await sign_in(pilot, admin.name, admin.password.get_secret_value())
        await pilot.press("slash")
        set_text(pilot, "filter", fresh)
        await pilot.pause(0.2)
        for keys in (("enter", "v"), ("down", "down", "r"), ("w", "h", "y", "ctrl+s")):
            await pilot.press(*keys)
            await settle(pilot)
        assert f"{fresh}: version 4 created, a copy of version 1" in screen_text(pilot)
        for keys in (("down", "down", "d"), ("ctrl+s",), ("down", "x"), ("1", "ctrl+s")):
            await pilot.press(*keys)
            await settle(pilot)
        assert f"{fresh}: version 1 destroyed" in screen_text(pilot)
        assert isinstance(real.screen, VersionsScreen)
        table = real.screen.query_one(VersionTable)
        rows = [[str(cell).strip() for cell in table.get_row_at(index)] for index in range(4)]
        assert [(row[0], row[1], row[4]) for row in rows] == [
            ("4", "current", "rolled back from 1 · why"),
            ("3", "earlier", "rotation"),
            ("2", "deleted", "rotation"),
            ("1", "destroyed", DASH),
        ]
        assert {row[3] for row in rows} == {admin.name}
        assert CANARY not in screen_text(pilot)
        await pilot.press("escape")
        await settle(pilot)
        current = real.screen.query_one(SecretTable).current
        assert current is not None
        assert (current.name, current.version, current.reason) == (fresh, 4, "why")

    assert await stored(server, admin, f"environment/production/{fresh}") == CANARY


async def stored(server: Server, person: Person, path: str) -> str:
    """The current value, from the vault itself."""
    trust = ssl.create_default_context(cafile=str(server.cacert) if server.cacert else None)
    async with httpx.AsyncClient(base_url=server.url, verify=trust, trust_env=False) as vault:
        answer = await vault.get(f"/v1/status/data/{path}", headers={"X-Vault-Token": person.token.get_secret_value()})
        value: str = answer.json()["data"]["data"]["value"]
        return value


async def test_a_wrong_password_at_the_real_server(real: StatusApp, people: dict[str, Person]) -> None:
    async with real.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        wrong = SecretStr("not-this-one")
        await sign_in(pilot, people["viewer"].name, wrong.get_secret_value())
        text = screen_text(pilot)
        assert "Not signed in" in text
        assert wrong.get_secret_value() not in text


async def test_an_ssh_key_is_pasted_into_the_form(real: StatusApp, people: dict[str, Person], fresh: str) -> None:
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(CANARY.encode())
    )
    developer = people["developer"]
    async with real.run_test(size=(160, 44)) as pilot:
        await settle(pilot)
        await sign_in(pilot, developer.name, developer.password.get_secret_value())
        await pilot.press("n")
        await settle(pilot)
        set_text(pilot, "name", fresh)
        real.screen.query_one("#type", Select).value = "SSH_KEY"
        real.screen.query_one("#value").post_message(events.Paste(pem.decode()))
        set_text(pilot, "passphrase", "not-this-one")
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert (
            real.screen.query_one("#field-passphrase", Field).problem
            or real.screen.query_one("#field-value", Field).problem
        ), "a wrong passphrase is said under a field"
        set_text(pilot, "passphrase", CANARY)
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(real.screen, CreatedScreen)
        await pilot.press("y")
        await settle(pilot)
        text = screen_text(pilot)
        assert "Ed25519" in text
        assert "SHA256:" in text
        assert CANARY not in text


async def test_a_rename_and_a_comparison(
    acting: httpx.AsyncClient, server: Server, people: dict[str, Person], fresh: str
) -> None:
    """By a DEVELOPER, who can read neither value."""
    developer = people["developer"]
    new = {"name": fresh, "type": "PASSWORD", "value": CANARY, "scope": "environment/production"}
    assert (await acting.post("secrets", json=new, headers=developer.headers)).status_code == 201
    where = f"secrets/environment~production~{fresh}/versions"
    assert (await acting.post(where, json={"value": "second-41c0"}, headers=developer.headers)).is_success
    async with app_for(acting) as app, app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await sign_in(pilot, developer.name, developer.password.get_secret_value())
        await pilot.press("slash", *fresh, "enter", "v", "down", "c")
        await settle(pilot)
        assert "another value" in screen_text(pilot)
        await pilot.press("escape", "escape", "m")
        await settle(pilot)
        await pilot.press("end", *"_renamed", "ctrl+s")
        await settle(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert isinstance(app.screen, SecretsScreen)
        current = app.screen.query_one(SecretTable).current
        assert current is not None
        assert (current.name, current.version) == (f"{fresh}_renamed", 2)
        assert CANARY not in screen_text(pilot)
