"""Scopes: which there are, adding one, its settings, retiring one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

from adapter.errors import Conflict, Invalid, NotFound
from adapter.model.access import ScopeSave, ScopeView
from adapter.model.address import GLOBAL, Address, Scope
from adapter.model.roles import policy_name
from adapter.provision import perform
from adapter.provision.plan import SCOPED_ROLES, make_admin_plan, make_scope_plan, policy_names
from adapter.service import grants
from adapter.service.app import Act
from adapter.service.managing import changing, for_admins
from adapter.vault import identity
from adapter.vault.policies import SCOPES_FOLDER, freezing_policy
from adapter.vault.scopes import existing_scopes

EXPIRED = "expired"
REQUIRE_REASON = "require_reason"
RETIRING = "retiring"

MANAGING = "Managing scopes"


def entry_of(scope: Scope) -> Address:
    """Where a scope's settings are; a scope is there when this entry is."""
    return Address(f"{SCOPES_FOLDER}/{scope}")


async def list_scopes(act: Act) -> list[ScopeView]:
    """Every scope, also one of which only parts are there. Raises NotAllowed."""
    with for_admins(MANAGING):
        there = await existing_scopes(act.store)
        policies = set(await _policy_names(act))
        groups = set(await identity.group_names(act.session))
        held = Counter((grant.scope, str(grant.kind)) for grant in await grants.holders(act))
        parts = {scope for name in groups | policies if (scope := grants.scope_in_name(name)) is not None}
        scopes = sorted({*there, *parts})
        entries = await identity.each(scopes, lambda scope: _settings(act, scope))
        counts = await identity.each(scopes, lambda scope: count_secrets(act, str(scope)))
    return [
        _view(scope, entries.get(scope), _is_whole(scope, policies, groups), counts.get(scope, 0), held)
        for scope in scopes
    ]


def _view(
    scope: Scope, entry: Mapping[str, str] | None, whole: bool, secrets: int, held: Mapping[tuple[str, str], int]
) -> ScopeView:
    settings = entry or {}
    state = "retiring" if RETIRING in settings else "ready" if entry is not None and whole else "unfinished"
    return ScopeView(
        id=str(scope).replace("/", "~"),
        scope=str(scope),
        require_reason=settings.get(REQUIRE_REASON) == "true",
        expired="refuse" if settings.get(EXPIRED) == "refuse" else "serve",
        state=state,
        secrets=secrets,
        people=held.get((str(scope), "person"), 0) + held.get((str(scope), "group"), 0),
        accounts=held.get((str(scope), "account"), 0),
        components=held.get((str(scope), "component"), 0),
    )


def _is_whole(scope: Scope, policies: set[str], groups: set[str]) -> bool:
    return set(policy_names(scope)) <= policies and {policy_name(role, scope) for role in SCOPED_ROLES} <= groups


async def save_scope(act: Act, body: ScopeSave) -> tuple[ScopeView, bool]:
    """Add a scope, finish one that is half there, or change one's settings; answers whether it is new.

    Raises Invalid, NotAllowed.
    """
    scope = Scope.parse(body.scope)
    async with changing(act, MANAGING):
        before = await _settings(act, scope)
        await perform(await make_scope_plan(act.session, scope))
        await _refresh_admin(act)
        changes: dict[str, str | None] = {}
        if body.require_reason is not None:
            changes[REQUIRE_REASON] = "true" if body.require_reason else "false"
        if body.expired is not None:
            changes[EXPIRED] = body.expired
        now = await _settings(act, scope) or {}
        if RETIRING in now:
            changes[RETIRING] = None
        if any(now.get(key) != value for key, value in changes.items()):
            await act.store.patch_custom(entry_of(scope), changes)
    act.services.scope_settings.forget()
    act.services.identities.forget(act.session.caller.token)
    return await view_scope(act, scope), before is None


async def view_scope(act: Act, scope: Scope) -> ScopeView:
    """Raises NotFound."""
    found = [view for view in await list_scopes(act) if view.scope == str(scope)]
    if not found:
        raise NotFound("There is no such scope.", hint="GET /scopes lists them.")
    return found[0]


async def retire_scope(act: Act, scope: Scope) -> None:
    """Take away every grant in a scope, its policies and groups, and the scope itself.

    Its entry goes last, so a retirement that was ended in between shows, and is finished by the next. Raises Conflict
    when secrets are in it: nothing is changed then.
    """
    if scope == GLOBAL:
        raise Invalid.field("scope", "The global scope cannot be retired.", hint="Everybody with a role is USER there.")
    async with changing(act, MANAGING):
        await _check_there(act, scope)
        await _check_empty(act, scope)
        if await _settings(act, scope) is not None:
            await act.store.patch_custom(entry_of(scope), {RETIRING: "true"})
        await _freeze(act, scope)
        for role in SCOPED_ROLES:
            await identity.delete_group(act.session, policy_name(role, scope))
        await grants.revoke_accounts(act, scope)
        for name in policy_names(scope):
            await act.session.send("DELETE", "sys/policies/acl", name)
        await act.store.delete_all(entry_of(scope))
        await _refresh_admin(act)
    act.services.identities.forget(act.session.caller.token)


async def _freeze(act: Act, scope: Scope) -> None:
    """Nobody but ADMIN writes there any more; what came in meanwhile undoes the retirement. Raises Conflict."""
    for name in policy_names(scope):
        await act.session.send("PUT", "sys/policies/acl", name, body={"policy": freezing_policy(scope)})
    try:
        await _check_empty(act, scope)
    except Conflict:
        await perform(await make_scope_plan(act.session, scope))
        await act.store.patch_custom(entry_of(scope), {RETIRING: None})
        raise


async def _check_there(act: Act, scope: Scope) -> None:
    """Raises NotFound where not even parts of the scope are left."""
    names = {*await _policy_names(act), *await identity.group_names(act.session)}
    if await _settings(act, scope) is None and not any(grants.scope_in_name(name) == scope for name in names):
        raise NotFound("There is no such scope.", hint="GET /scopes lists them.")


async def _check_empty(act: Act, scope: Scope) -> None:
    count = await count_secrets(act, str(scope))
    if count:
        raise Conflict(
            f"{scope} still holds {count} {'secret' if count == 1 else 'secrets'}, so it cannot be retired.",
            hint="Move or delete them first.",
        )


async def _refresh_admin(act: Act) -> None:
    """ADMIN's policy for the scopes that have an entry now."""
    await perform(await make_admin_plan(act.session))


async def _settings(act: Act, scope: Scope) -> Mapping[str, str] | None:
    """None when there is no such scope."""
    try:
        return (await act.store.metadata(entry_of(scope))).custom
    except NotFound:
        return None


async def _policy_names(act: Act) -> list[str]:
    return await identity.names(act.session, "sys/policies/acl")


async def count_secrets(act: Act, folder: str) -> int:
    """How many entries there are below a folder, whoever made them."""
    names = await act.store.children(folder)
    folders = [name.rstrip("/") for name in names if name.endswith("/")]
    inner = await asyncio.gather(*(count_secrets(act, f"{folder}/{name}") for name in folders))
    return len(names) - len(folders) + sum(inner)
