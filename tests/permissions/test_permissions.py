"""Every cell of the table, in every kind of scope, own and other, tried through the API and straight at the vault."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapter.service.rights import ACTS
from tests.permissions.matrix import ADMIN, NONE, USER
from tests.permissions.trials import (
    MOVE,
    NOT_ON_SECRETS,
    OF_THE_LOG,
    ON_SECRETS,
    REMOVE,
    RENAME,
    ROLL_BACK,
    VALUES,
    VERSIONS,
    VIEW,
    WRITE,
    Trial,
    last,
)
from tests.permissions.world import AT_ONCE, Holder, Target, World, made_world
from tests.support.server import People, Server

API, STRAIGHT, ASKED = "through the API", "straight at the vault", "by can-i"


@dataclass(frozen=True)
class Cell:
    trial: str
    way: str
    column: str
    scope: str
    own: bool
    expected: bool
    got: bool | str

    def __str__(self) -> str:
        place = f"in an own scope ({self.scope})" if self.own else f"in a foreign scope ({self.scope})"
        return f"{self.column}, {place}, {self.trial} {self.way}: expected {self.expected}, got {self.got}"


def expected(trial: Trial, way: str, holder: Holder, scope: str) -> bool:
    """What the table says."""
    who = trial.straight_who if way == STRAIGHT and trial.straight_who is not None else trial.row.who
    if holder.column in (ADMIN, NONE) or holder.scope == scope:
        return holder.column in who
    return _is_user_of_global(holder, scope) and USER in who


async def try_all(world: World) -> list[Cell]:
    gate = asyncio.Semaphore(AT_ONCE)
    shared = {scope: await world.secret(scope, f"{world.mark}-shared") for scope in world.scopes.values()}

    async def cell(trial: Trial, way: str, holder: Holder, scope: str) -> Cell:
        wanted = expected(trial, way, holder, scope)
        attempt = trial.api if way == API else trial.straight
        assert attempt is not None
        async with gate:
            target = shared[scope]
            if wanted and trial.changes:
                target = await world.secret(scope, f"{world.mark}-{secrets.token_hex(4)}")
            got = await _outcome(lambda: attempt(world, holder, target))
        if way == API and got is False and not wanted and trial in ON_SECRETS:
            got = _refusal(trial, holder, scope)
        own = holder.scope == scope or holder.column == ADMIN
        return Cell(trial.name, way, holder.column, scope, own, wanted, got)

    near = [holder for holder in world.holders if holder.scope in (None, world.elsewhere)]
    tries = [
        cell(trial, way, holder, scope)
        for scope in world.scopes.values()
        for holder in [*near, *(one for one in world.holders if one.scope == scope)]
        for trial in ON_SECRETS
        for way in _ways(trial)
    ]
    custom = world.scopes["custom"]
    tries += [
        cell(trial, way, holder, custom)
        for holder in world.holders
        if holder.scope in (None, custom)
        for trial in NOT_ON_SECRETS
        for way in _ways(trial)
    ]
    cells = list(await asyncio.gather(*tries))
    cells += [
        one for group in await asyncio.gather(*(_asked(world, holder) for holder in world.holders)) for one in group
    ]
    return cells + [await _untouched(world, target) for target in shared.values()]


def _refusal(trial: Trial, holder: Holder, scope: str) -> bool | str:
    """False when the answer tells no more than it should, else what it told.

    What one may not see is not there; what one may not change names the scope that was given.
    """
    status, text = last.get()
    if status == 200:  # a list or a batch without it
        return False
    if trial.row in (VIEW, VALUES):
        sees = (VIEW.who & {holder.column} and holder.scope == scope) or _is_user_of_global(holder, scope)
        return False if status == (403 if sees else 404) else f"status {status}"
    if trial.row in (WRITE, ROLL_BACK, RENAME, MOVE, VERSIONS, REMOVE):
        return False if status == 403 and scope in text else f"status {status}: {text}"
    return False


def _is_user_of_global(holder: Holder, scope: str) -> bool:
    """Any role of a person makes them USER of `global`."""
    return scope == "global" and holder.column in ("USER", "DEVELOPER")


def _ways(trial: Trial) -> list[str]:
    return [way for way, attempt in ((API, trial.api), (STRAIGHT, trial.straight)) if attempt is not None]


async def _outcome(attempt: Callable[[], Awaitable[bool]]) -> bool | str:
    try:
        return await attempt()
    except AssertionError as error:
        return str(error)


async def _asked(world: World, holder: Holder) -> list[Cell]:
    """What "may I?" says of the same acts."""
    trials = [trial for trial in ON_SECRETS if trial.asks]
    places = [(trial, scope) for trial in trials for scope in world.scopes.values()]
    acts = [{"act": trial.asks, "scope": scope} for trial, scope in places]
    answer = await world.api.post("/can-i", json={"acts": acts}, headers=holder.headers)
    assert answer.status_code == 200, answer.text
    return [
        Cell(trial.name, ASKED, holder.column, scope, True, expected(trial, API, holder, scope), verdict["allowed"])
        for (trial, scope), verdict in zip(places, answer.json(), strict=True)
    ]


async def _untouched(world: World, target: Target) -> Cell:
    """What was refused to everybody has left the secret as it was."""
    entry = (await world.as_root("GET", f"status/metadata/{target.path}")).json()["data"]
    versions = entry["versions"].values()
    alive = [one for one in versions if not one["destroyed"] and not one["deletion_time"]]
    same = (entry["current_version"], len(alive), entry["custom_metadata"]) == (2, 2, {"type": "password"})
    return Cell("every refused trial", "together", "everybody", target.scope, True, True, same)


OF_LOG = [trial.name for trial in (*ON_SECRETS, *NOT_ON_SECRETS) if trial.row in OF_THE_LOG]
NAMES = [trial.name for trial in (*ON_SECRETS, *NOT_ON_SECRETS)]


async def test_no_more_and_no_less_than_the_table_says(server: Server, people: People, tmp_path: Path) -> None:
    """One test for all cells, so that the people and secrets that they need are made once."""
    async with made_world(server, people["admin"], f"p{secrets.token_hex(4)}", tmp_path / "audit.db") as world:
        cells = await try_all(world)
    left_out = [] if server.audit_log else OF_LOG
    assert {cell.trial for cell in cells} == {*NAMES, "every refused trial"}
    assert [str(cell) for cell in cells if cell.got is not cell.expected and cell.trial not in left_out] == []


def test_the_rows_about_the_log_were_tried(server: Server) -> None:
    if server.audit_log is None:
        pytest.skip(f"the log of a server that was given is not at hand, so these were left out: {', '.join(OF_LOG)}")


def test_every_act_that_one_can_ask_about_is_tried() -> None:
    asked = {trial.asks for trial in ON_SECRETS}
    assert {act for act, need in ACTS.items() if need.has_place} - {"export"} == asked - {None}


def test_the_names_of_the_trials_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)
