"""Scopes and components whose adding or removing ended before its last step, and temporary access that has ended."""

from __future__ import annotations

from adapter.errors import Conflict
from adapter.model.access import ScopeSave
from adapter.model.address import Scope
from adapter.service.app import Act
from adapter.service.components import list_components
from adapter.service.doctor.checks import Check, Finding, Repair
from adapter.service.retiring import retire_scope
from adapter.service.scopes import list_scopes, save_scope
from adapter.service.temporary_ends import Orphan, end_orphan, leftovers, orphans, sweep
from adapter.settings import Settings


async def look(act: Act, settings: Settings) -> list[Finding]:
    """A finding for each scope, component and access that is not whole, and one for what ended accesses left."""
    found = [_scope(act, one.scope, one.state) for one in await list_scopes(act) if one.state != "ready"]
    found += [_component(one.name) for one in await list_components(act) if one.state == "unfinished"]
    ended = len(await leftovers(act))
    if ended:
        what = f"{ended} policies of temporary access that has ended are still there; they grant nothing to anybody."
        found.append(Finding(what, "The next access that is given clears them away.", _sweeping(act)))
    return [*found, *[_orphan(act, one) for one in await orphans(act)]]


def _scope(act: Act, scope: str, state: str) -> Finding:
    if state == "retiring":
        what = f"Retiring {scope} ended before its last step."
        return Finding(what, f"Finish it: status-secrets scopes retire {scope}", _retiring(act, scope))
    what = f"The scope {scope} is only half there: some of its policies or groups, or its entry, are missing."
    return Finding(what, f"Finish it, status-secrets scopes add {scope}, or retire it.", _adding(act, scope))


def _adding(act: Act, scope: str) -> Repair:
    async def repair() -> str:
        view, _ = await save_scope(act, ScopeSave(scope=scope))
        return f"{view.scope} is {view.state}."

    return repair


def _retiring(act: Act, scope: str) -> Repair:
    """A scope into which somebody put a secret meanwhile stays, and is made whole."""

    async def repair() -> str:
        try:
            await retire_scope(act, Scope.parse(scope))
        except Conflict as error:
            await save_scope(act, ScopeSave(scope=scope))
            return f"{error.detail} It is made whole again."
        return f"{scope} is retired."

    return repair


def _component(name: str) -> Finding:
    return Finding(
        f"The component {name} is only half there, so it cannot sign in.",
        f"Add it again, status-secrets components add {name} --scope SCOPE, or remove it.",
    )


def _sweeping(act: Act) -> Repair:
    async def repair() -> str:
        return f"{await sweep(act)} policies of temporary access that has ended are gone."

    return repair


def _orphan(act: Act, orphan: Orphan) -> Finding:
    given = orphan.given

    async def repair() -> str:
        ended = await end_orphan(act, given.id)
        return f"The access {given.id} has ended." if ended else f"The access {given.id} is as it should be."

    what = f"{given.who} has temporary access to {given.secret} until {given.until}, but {orphan.why}."
    return Finding(what, f"End it: status-secrets temporary end {given.id}", repair)


check = Check("managing", "Scopes, components and temporary access that are half there", look)
