"""`make pictures`: the documentation's pictures, from the running program on a vault with sample secrets.

python -m tests.tui.make_pictures docs/pictures
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from textual.pilot import Pilot
from textual.widgets import Input

from adapter.api.app import create_app
from adapter.client import AsyncClient
from adapter.client.in_process import InProcess
from adapter.errors import NotAllowed
from adapter.settings import Settings, load_settings
from dev_vault import bootstrap, samples
from dev_vault.adapter_settings import adapter_settings
from dev_vault.embedded import EmbeddedVault
from statustui.app import StatusApp
from statustui.backend import Started
from tests.support.bao import free_port
from tests.tui.pictures import settle, take
from tests.tui.steps import sign_in, type_new_secret, type_text

SHOWN = {name: SecretStr("xxxx-xxxx-xxxx-xxxx-xxxx") for name in ("viewer", "developer", "admin")}
"""Stands for the generated passwords: a picture that lasts holds no real one."""


class Backend:
    """An adapter in this process; `accounts` as on a first run, or None."""

    def __init__(
        self, settings: Settings, accounts: dict[str, SecretStr] | None = None, *, name: str = "tui/picture"
    ) -> None:
        self._settings, self._accounts, self._name = settings, accounts, name
        self._stack = AsyncExitStack()

    async def start(self, report: Callable[[str], None]) -> Started:
        app = create_app(self._settings)
        await self._stack.enter_async_context(app.router.lifespan_context(app))
        client = AsyncClient("http://adapter/api/v1", transport=InProcess(app), name=self._name)
        return Started(await self._stack.enter_async_context(client), "embedded vault", self._accounts)

    async def stop(self) -> None:
        await self._stack.aclose()

    def confirm_shown(self) -> None:
        return


async def nothing(pilot: Pilot[Any]) -> None:
    await settle(pilot)


async def at_the_list(pilot: Pilot[Any], name: str, password: SecretStr) -> None:
    await sign_in(pilot, name, password.get_secret_value())
    await pilot.press("down", "down", "down")


async def in_the_form(pilot: Pilot[Any], name: str, password: SecretStr) -> None:
    await at_the_list(pilot, name, password)
    await type_new_secret(pilot, name="Report Signing Key", value="a value", description="Signs the monthly report")


async def just_created(pilot: Pilot[Any], name: str, password: SecretStr) -> None:
    await in_the_form(pilot, name, password)
    await pilot.press("ctrl+s")


async def filtered(pilot: Pilot[Any], name: str, password: SecretStr) -> None:
    await at_the_list(pilot, name, password)
    await pilot.press("slash")
    await type_text(pilot, "type:api_key")


async def versions(pilot: Pilot[Any], name: str, password: SecretStr) -> None:
    await at_the_list(pilot, name, password)
    await pilot.press("v")


async def one_secret(pilot: Pilot[Any], name: str, password: SecretStr) -> None:
    await at_the_list(pilot, name, password)
    await pilot.press("greater_than_sign", "greater_than_sign")
    await pilot.pause(1)


async def audit(pilot: Pilot[Any], name: str, password: SecretStr) -> None:
    await sign_in(pilot, name, password.get_secret_value())
    await pilot.press("2")
    await pilot.pause(1)
    await pilot.press("slash")
    pilot.app.screen.query_one("#filter", Input).value = "act:created,updated,rolled_back,used,deleted since:1d"
    await pilot.pause(1)
    await pilot.press("enter")


async def reports(pilot: Pilot[Any], name: str, password: SecretStr) -> None:
    await sign_in(pilot, name, password.get_secret_value())
    await pilot.press("2", "R", "greater_than_sign")


async def health(pilot: Pilot[Any], name: str, password: SecretStr) -> None:
    await sign_in(pilot, name, password.get_secret_value())
    await pilot.press("4")


async def make(folder: Path, data_dir: Path) -> None:
    """Every picture, of 120 by 40 and 80 by 24 cells, into `folder`."""
    prepare = partial(bootstrap.prepare, extra_scopes=samples.SCOPES)
    vault = EmbeddedVault(data_dir, f"127.0.0.1:{free_port()}", prepare=prepare)
    running = await vault.start()
    try:
        accounts = vault.first_run
        assert accounts is not None
        settings = adapter_settings(load_settings(), running)
        await add_samples(settings, accounts)
        await add_events(settings, accounts)
        developer, admin = ("developer", accounts["developer"]), ("admin", accounts["admin"])
        pictures = {
            "signin": (nothing, dict(SHOWN)),
            "secrets": (lambda pilot: at_the_list(pilot, *developer), None),
            "filter": (lambda pilot: filtered(pilot, *developer), None),
            "versions": (lambda pilot: versions(pilot, *developer), None),
            "details": (lambda pilot: one_secret(pilot, *admin), None),
            "audit": (lambda pilot: audit(pilot, *admin), None),
            "reports": (lambda pilot: reports(pilot, *admin), None),
            "health": (lambda pilot: health(pilot, *admin), None),
            "create": (lambda pilot: in_the_form(pilot, *developer), None),
            "created": (lambda pilot: just_created(pilot, *developer), None),
        }
        for name, (steps, shown) in pictures.items():
            for suffix, size in (("", (120, 40)), ("-80x24", (80, 24))):
                if name == "created" and suffix:
                    continue  # its secret is there already
                backend = Backend(settings, shown)
                await take(StatusApp(backend), size, steps, folder / f"{name}{suffix}.svg")
                await backend.stop()
                print(folder / f"{name}{suffix}.svg")  # noqa: T201
    finally:
        await vault.stop()


async def add_samples(settings: Settings, accounts: Any) -> None:
    backends = {name: Backend(settings) for name in ("developer", "admin")}
    clients = {name: (await backend.start(lambda _: None)).client for name, backend in backends.items()}
    for name, client in clients.items():
        await client.login(name, accounts[name])
    await samples.add_samples(clients["developer"], clients["admin"])
    for backend in backends.values():
        await backend.stop()


async def add_events(settings: Settings, accounts: Any) -> None:
    """What makes the audit view worth a picture: uses, a rollback, and somebody who is denied a value."""
    scripted = {name: Backend(settings, name="api/1.2") for name in ("viewer", "developer", "admin")}
    clients = {name: (await backend.start(lambda _: None)).client for name, backend in scripted.items()}
    for name, client in clients.items():
        await client.login(name, accounts[name])
    secret = "environment~production~db_password"
    await clients["admin"].value(secret, reason="handed to the database's owner")
    await clients["admin"].value(secret, reason="nightly backup of the database")
    with suppress(NotAllowed):
        await clients["viewer"].value(secret, reason="curious")
    for backend in scripted.values():
        await backend.stop()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(make(target, Path(temporary) / "data"))
