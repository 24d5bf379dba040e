"""Each act may end after any of its steps: what is there then is untouched, or finished by the next look."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.errors import NotFound, StatusError
from adapter.model.address import Address
from adapter.model.wire import SecretCreate, SecretPatch, VersionView
from adapter.provision.people import adapter_credentials
from adapter.service.app import Act, Services
from adapter.service.changing import delete_secret, edit_secret
from adapter.service.comparing import compare
from adapter.service.creating import create_secret
from adapter.service.listing import Filter, list_secrets, view_secret
from adapter.service.versions import change_state, history, roll_back
from adapter.vault import Caller
from tests.conftest import WANTED
from tests.support.kill import Acting, KillPoint, killed_at, perform
from tests.support.server import People, Server

SCOPE = "environment/production"
MOST_REQUESTS = 25


@pytest.fixture(scope="session")
def adapter(server: Server, people: People) -> tuple[str, SecretStr]:
    async def credentials() -> tuple[str, SecretStr]:
        async with server.vault() as vault:
            return await adapter_credentials(vault, server.token, WANTED)

    return asyncio.run(credentials())


def creation(name: str, value: str = "one") -> Acting:
    body = SecretCreate(name=name, type="PASSWORD", value=SecretStr(value), description="d", scope=SCOPE)
    return lambda act: create_secret(act, body)


def update(name: str) -> Acting:
    return lambda act: edit_secret(act, Address(f"{SCOPE}/{name}"), SecretPatch(value=SecretStr("two")))


def edit(name: str) -> Acting:
    return lambda act: edit_secret(act, Address(f"{SCOPE}/{name}"), SecretPatch(description="edited"))


def rollback(name: str) -> Acting:
    return lambda act: roll_back(act, Address(f"{SCOPE}/{name}"), 1, None)


def deletion(name: str) -> Acting:
    return lambda act: delete_secret(act, Address(f"{SCOPE}/{name}"))


def version_change(change: str) -> Callable[[str], Acting]:
    return lambda name: lambda act: change_state(act, Address(f"{SCOPE}/{name}"), 1, change)


def comparison(name: str) -> Acting:
    return lambda act: compare(act, Address(f"{SCOPE}/{name}"), 1, 2)


class Look:
    """What the next person sees, and what the vault holds."""

    def __init__(self, server: Server, people: People, name: str) -> None:
        self._server, self._people, self._address = server, people, Address(f"{SCOPE}/{name}")

    def _run(self, acting: Any, who: str = "developer") -> Any:
        async def run() -> Any:
            async with self._server.vault() as vault:
                return await acting(Services(vault).act(Caller(self._people[who].token)))

        return asyncio.run(run())

    def history(self) -> list[VersionView]:
        """Empty when there is no such secret."""
        try:
            found: list[VersionView] = self._run(lambda act: history(act, self._address))
        except NotFound:
            return []
        return found

    def values(self) -> list[str]:
        """Oldest first."""

        async def read(act: Act) -> list[str]:
            entry = await act.store.metadata(self._address)
            fields = [await act.store.read_version(self._address, int(n)) for n in sorted(entry.versions, key=int)]
            return [field["value"].get_secret_value() for field in fields]

        return list(self._run(read, "admin")) if self.history() else []

    def pending(self) -> list[str]:
        async def read(act: Act) -> list[str]:
            return [key for key in (await act.store.metadata(self._address)).custom if key.startswith("pending")]

        return list(self._run(read, "admin"))

    def later(self) -> None:
        """A look when every act that may have been under way is over."""
        ahead = timedelta(minutes=10)

        async def run() -> None:
            async with self._server.vault() as vault:
                services = Services(vault, now=lambda: datetime.now(UTC) + ahead)
                await view_secret(services.act(Caller(self._people["developer"].token)), self._address)

        asyncio.run(run())

    def listed(self) -> int:
        async def count(act: Act) -> int:
            found, _ = await list_secrets(act, Filter(scope=SCOPE))
            return len([secret for secret in found if secret.name == self._address.name])

        return int(self._run(count, "viewer"))


def points() -> list[KillPoint]:
    return [KillPoint(number, after) for number in range(1, MOST_REQUESTS) for after in (False, True)]


def each_kill(server: Server, people: People, adapter: Any, who: str, prepare: list[Any], act: Any, check: Any) -> int:
    """Prepare a secret, kill the act at the next point, check; until the act comes to its end. How many kills."""
    kills = 0
    for point in points():
        name = f"k{secrets.token_hex(6)}"
        for step in prepare:
            asyncio.run(perform(server, people["developer"], f"prepared {step.__name__}", step(name), adapter))
        killed = killed_at(point, server, people[who], "the reason", act(name), adapter)
        look = Look(server, people, name)
        versions = look.history()
        assert all(version.created_by == people["developer"].name for version in versions), point
        assert all(version.reason and version.flags == [] for version in versions), point
        assert look.listed() == (1 if versions else 0), point
        check(look, versions, killed, name)
        kills += killed
        if not killed:
            return kills
    raise AssertionError("the act never came to its end")


def test_create(server: Server, people: People, adapter: Any) -> None:
    def check(look: Look, versions: list[VersionView], killed: bool, name: str) -> None:
        assert look.values() in ([], ["one"])
        assert killed or versions
        if not versions:  # a minute later nothing stands in the way of the next try
            again = creation(name, "again")
            asyncio.run(perform(server, people["developer"], "again", again, adapter, later=timedelta(minutes=2)))
            assert [version.reason for version in look.history()] == ["again"]
            assert look.values() == ["again"]

    assert each_kill(server, people, adapter, "developer", [], creation, check) >= 10


def test_update(server: Server, people: People, adapter: Any) -> None:
    def check(look: Look, versions: list[VersionView], killed: bool, name: str) -> None:
        assert look.values() in (["one"], ["one", "two"])
        assert killed or len(versions) == 2
        if len(versions) == 2:
            assert (versions[0].reason, versions[0].origin) == ("the reason", "updated")
            assert look.pending() == []

    assert each_kill(server, people, adapter, "developer", [creation], update, check) >= 10


def test_edit(server: Server, people: People, adapter: Any) -> None:
    def check(look: Look, versions: list[VersionView], killed: bool, name: str) -> None:
        assert look.values() == ["one"]

    assert each_kill(server, people, adapter, "developer", [creation], edit, check) >= 4


def test_rollback(server: Server, people: People, adapter: Any) -> None:
    def check(look: Look, versions: list[VersionView], killed: bool, name: str) -> None:
        assert look.values() in (["one", "two"], ["one", "two", "one"])
        assert killed or len(versions) == 3
        if len(versions) == 3:
            assert (versions[0].origin, versions[0].rolled_back_from) == ("rolled_back", 1)
            assert versions[0].reason == "the reason"
            assert look.pending() == []

    assert each_kill(server, people, adapter, "developer", [creation, update], rollback, check) >= 14


def test_delete(server: Server, people: People, adapter: Any) -> None:
    def check(look: Look, versions: list[VersionView], killed: bool, name: str) -> None:
        assert look.values() in ([], ["one"])
        assert killed or not versions

    assert each_kill(server, people, adapter, "admin", [creation], deletion, check) >= 4


@pytest.mark.parametrize(
    ("who", "change", "after"),
    [("developer", "delete", "deleted"), ("developer", "undelete", "earlier"), ("admin", "destroy", "destroyed")],
)
def test_version_states(server: Server, people: People, adapter: Any, who: str, change: str, after: str) -> None:
    def deleted(name: str) -> Acting:
        return version_change("delete")(name)

    def check(look: Look, versions: list[VersionView], killed: bool, name: str) -> None:
        states = [version.state for version in versions]
        before = "deleted" if change == "undelete" else "earlier"
        assert states in (["current", before], ["current", after])
        assert killed or states[1] == after

    prepare = [creation, update, deleted] if change == "undelete" else [creation, update]
    assert each_kill(server, people, adapter, who, prepare, version_change(change), check) >= 4


def test_compare(server: Server, people: People, adapter: Any) -> None:
    """It changes nothing; what it leaves in the metadata goes with the next look, once it can be no one's any more."""

    def check(look: Look, versions: list[VersionView], killed: bool, name: str) -> None:
        assert look.values() == ["one", "two"]
        assert killed or look.pending() == []
        look.later()
        assert look.pending() == []

    assert each_kill(server, people, adapter, "developer", [creation, update], comparison, check) >= 14


def test_fifty_writers_at_once(server: Server, people: People, fresh: str) -> None:
    """Each gets a version of its own or a clear conflict; the versions are as many as the successes."""

    async def race() -> tuple[int, list[str]]:
        async with server.vault() as vault:
            services = Services(vault)

            async def one(number: int) -> str:
                act = services.act(Caller(people["developer"].token, reason=f"writer {number}"))
                change = SecretPatch(value=SecretStr(str(number)))
                try:
                    await edit_secret(act, Address(f"{SCOPE}/{fresh}"), change)
                except StatusError as error:
                    return type(error).__name__
                return f"writer {number}"

            first = services.act(Caller(people["developer"].token, reason="first"))
            await creation(fresh)(first)
            results = await asyncio.gather(*map(one, range(50)))
            versions = await history(services.act(Caller(people["viewer"].token)), Address(f"{SCOPE}/{fresh}"))
            won = [result for result in results if result.startswith("writer")]
            assert set(results) - set(won) <= {"Conflict"}
            assert {version.reason for version in versions} <= {*won, "first"}
            return versions[0].version, won

    newest, won = asyncio.run(race())
    assert newest == 1 + len(won)
    assert won
