"""The process may end while a scope or component is added or retired: it shows, and the next one finishes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from adapter.errors import Exists, NotFound
from adapter.model.access import ComponentAdd, ScopeSave, ScopeView
from adapter.model.address import Scope
from adapter.service.app import Act, Services
from adapter.service.components import add_component, list_components, remove_component, rotate_component
from adapter.service.retiring import retire_scope
from adapter.service.scopes import list_scopes, save_scope
from adapter.vault import Caller, turns
from tests.support.kill import KillPoint, killed_at
from tests.support.server import People, Server

Run = Callable[[Callable[[Act], Awaitable[Any]]], Any]

EVERY = 9
"""Which requests the process is killed after: every ninth, as each costs a process."""

MOST = 400
"""More than any of them takes, also while others have the turn."""


@pytest.fixture(autouse=True)
def short_turns(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that a dead process holds ends soon; not before that of another worker on a server that was given."""
    monkeypatch.setattr(turns, "LEASE", 0.2 if server.own else 5)
    monkeypatch.setattr(turns, "PATIENCE", 60)


@pytest.fixture
def run(server: Server, people: People) -> Run:
    """One act of an ADMIN's, straight at the service."""

    def run(acting: Callable[[Act], Awaitable[Any]]) -> Any:
        async def acted() -> Any:
            async with server.vault() as vault:
                return await acting(Services(vault).act(Caller(people["admin"].token)))

        return asyncio.run(acted())

    return run


def points() -> Iterator[KillPoint]:
    return (KillPoint(number, after=True) for number in range(3, MOST, EVERY))


def state_of(run: Run, scope: str) -> str:
    async def look(act: Act) -> list[ScopeView]:
        return await list_scopes(act)

    found = [one.state for one in run(look) if one.scope == scope]
    return str(found[0]) if found else "none"


def test_adding_a_scope(run: Run, server: Server, people: People, fresh: str) -> None:
    seen = set()
    for point in points():
        scope = f"custom/{fresh}-{point.request}"

        async def add(act: Act, scope: str = scope) -> object:
            return await save_scope(act, ScopeSave(scope=scope))

        ended = not killed_at(point, server, people["admin"], "", add, None)
        seen.add(state_of(run, scope))
        run(add)
        assert state_of(run, scope) == "ready"
        if ended:
            break
    else:
        pytest.fail(f"it takes more than {MOST} requests")
    assert seen == {"none", "unfinished", "ready"}


def test_retiring_a_scope(run: Run, server: Server, people: People, fresh: str) -> None:
    seen = set()
    for point in points():
        scope = f"custom/{fresh}-{point.request}"

        async def add(act: Act, scope: str = scope) -> object:
            return await save_scope(act, ScopeSave(scope=scope))

        async def retire(act: Act, scope: str = scope) -> None:
            await retire_scope(act, Scope.parse(scope))

        run(add)
        ended = not killed_at(point, server, people["admin"], "", retire, None)
        state = state_of(run, scope)
        seen.add(state)
        if state == "none":
            with pytest.raises(NotFound):
                run(retire)
        else:
            run(retire)
        assert state_of(run, scope) == "none"
        if ended:
            break
    else:
        pytest.fail(f"it takes more than {MOST} requests")
    assert {"ready", "retiring", "none"} <= seen


def test_adding_and_removing_a_component(run: Run, server: Server, people: People, fresh: str) -> None:
    for point in points():
        name = f"{fresh}-{point.request}"

        async def add(act: Act, name: str = name) -> object:
            return await add_component(act, ComponentAdd(name=name, scopes=["global", "environment/staging"]))

        async def remove(act: Act, name: str = name) -> None:
            await remove_component(act, name)

        async def listed(act: Act, name: str = name) -> list[str]:
            return [one.state for one in await list_components(act) if one.name == name]

        async def rotate(act: Act, name: str = name) -> object:
            return await rotate_component(act, name, None)

        ended = not killed_at(point, server, people["admin"], "", add, None)
        try:
            run(add)
        except Exists:  # its secret id was made, and lost with the process
            run(rotate)
        assert run(listed) == ["ready"]
        killed_at(point, server, people["admin"], "", remove, None)
        if run(listed):
            run(remove)
        assert run(listed) == []
        if ended:
            break
    else:
        pytest.fail(f"it takes more than {MOST} requests")
