"""What the tests of signing in and of sessions share: a keyring in memory, a clock that is set, the program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from textual.pilot import Pilot
from textual.widgets import Input, Select

from statustui.app import StatusApp
from statustui.backend import Started
from statustui.clock import Clock
from tests.tui.fake_adapter import METHODS, NOW, FakeAdapter, FakeBackend
from tests.tui.pictures import settle

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
