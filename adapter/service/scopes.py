"""Scopes: which there are, adding one, its settings, retiring one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from adapter.errors import Invalid, NotFound
from adapter.model.access import ScopeSave, ScopeView
from adapter.model.address import Address, Scope
from adapter.model.intents import PREFIX
from adapter.model.roles import policy_name
from adapter.provision import perform
from adapter.provision.plan import SCOPED_ROLES, make_admin_plan, make_scope_plan, policy_names
from adapter.service import grants
from adapter.service.app import Act
from adapter.service.managing import changing, for_admins
from adapter.service.scope_settings import EXPIRED, REFUSE, REQUIRE_REASON, YES
from adapter.vault import identity
from adapter.vault.policies import SCOPES_FOLDER

RETIRING = "retiring"

MANAGING = "Managing scopes"


def lasting_settings(custom: Mapping[str, str]) -> dict[str, str]:
    """A scope's settings without the marks of what was under way."""
    return {key: text for key, text in custom.items() if key != RETIRING and not key.startswith(PREFIX)}


def entry_of(scope: Scope) -> Address:
    """Where a scope's settings are; a scope is there when this entry is."""
    return Address(f"{SCOPES_FOLDER}/{scope}")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the vault has for the sake of scopes: policies, groups, and each entry's settings."""

    policies: frozenset[str]
    groups: frozenset[str]
    entries: Mapping[Scope, Mapping[str, str]]

    def scopes(self) -> list[Scope]:
        """Every scope of which anything is there."""
        named = {scope for name in self.groups | self.policies if (scope := grants.scope_in_name(name)) is not None}
        return sorted({*self.entries, *named})

    def state(self, scope: Scope) -> Literal["ready", "unfinished", "retiring"]:
        if RETIRING in self.entries.get(scope, {}):
            return "retiring"
        groups = {policy_name(role, scope) for role in SCOPED_ROLES}
        whole = scope in self.entries and set(policy_names(scope)) <= self.policies and groups <= self.groups
        return "ready" if whole else "unfinished"


async def list_scopes(act: Act) -> list[ScopeView]:
    """Every scope, also one of which only parts are there. Raises NotAllowed."""
    with for_admins(MANAGING):
        parts = await look_at_parts(act)
        held = Counter((grant.scope, str(grant.kind)) for grant in await grants.holders(act))
        scopes = parts.scopes()
        counts = await identity.each(scopes, lambda scope: count_secrets(act, str(scope)))
    return [_view(scope, parts, counts.get(scope, 0), held) for scope in scopes]


async def look_at_parts(act: Act) -> Parts:
    """Raises VaultRefusal for who may not manage scopes."""
    policies = await policy_names_there(act)
    groups = await identity.group_names(act.session)
    entries: dict[Scope, Mapping[str, str]] = {}
    for address, entry in await act.store.tree(SCOPES_FOLDER):
        with suppress(Invalid):
            entries[Scope.parse(address.path.removeprefix(f"{SCOPES_FOLDER}/"))] = entry.custom
    return Parts(frozenset(policies), frozenset(groups), entries)


def _view(scope: Scope, parts: Parts, secrets: int, held: Mapping[tuple[str, str], int]) -> ScopeView:
    settings = parts.entries.get(scope, {})
    return ScopeView(
        id=str(scope).replace("/", "~"),
        scope=str(scope),
        require_reason=settings.get(REQUIRE_REASON) == YES,
        expired="refuse" if settings.get(EXPIRED) == REFUSE else "serve",
        state=parts.state(scope),
        secrets=secrets,
        people=held.get((str(scope), "person"), 0) + held.get((str(scope), "group"), 0),
        accounts=held.get((str(scope), "account"), 0),
        components=held.get((str(scope), "component"), 0),
    )


async def save_scope(act: Act, body: ScopeSave) -> tuple[ScopeView, bool]:
    """Add a scope, finish one that is half there, or change one's settings; answers whether it is new.

    Raises Invalid, NotAllowed.
    """
    scope = Scope.parse(body.scope)
    async with changing(act, MANAGING):
        before = await settings_of(act, scope)
        await perform(await make_scope_plan(act.session, scope))
        await refresh_admin(act)
        changes: dict[str, str | None] = {}
        if body.require_reason is not None:
            changes[REQUIRE_REASON] = YES if body.require_reason else "false"
        if body.expired is not None:
            changes[EXPIRED] = body.expired
        now = await settings_of(act, scope) or {}
        if RETIRING in now:
            changes[RETIRING] = None
        if any(now.get(key) != value for key, value in changes.items()):
            await act.store.patch_custom(entry_of(scope), changes)
    forget(act)
    return await view_scope(act, scope), before is None


def forget(act: Act) -> None:
    """What this process remembers of scopes for a few seconds."""
    act.services.scope_settings.forget()
    act.services.identities.forget(act.session.caller.token)


async def view_scope(act: Act, scope: Scope) -> ScopeView:
    """Raises NotFound."""
    with for_admins(MANAGING):
        parts = await look_at_parts(act)
        if scope not in parts.scopes():
            raise NotFound("There is no such scope.", hint="The list of scopes has them.")
        held = Counter((grant.scope, str(grant.kind)) for grant in await grants.holders(act))
        return _view(scope, parts, await count_secrets(act, str(scope)), held)


async def refresh_admin(act: Act) -> None:
    """ADMIN's policy for the scopes that have an entry now."""
    await perform(await make_admin_plan(act.session))


async def settings_of(act: Act, scope: Scope) -> Mapping[str, str] | None:
    """None when there is no such scope."""
    try:
        return (await act.store.metadata(entry_of(scope))).custom
    except NotFound:
        return None


async def policy_names_there(act: Act) -> list[str]:
    return await identity.names(act.session, "sys/policies/acl")


async def count_secrets(act: Act, folder: str) -> int:
    """How many entries there are below a folder ("": everywhere), whoever made them; the scopes' own are none."""
    names = [name for name in await act.store.children(folder) if name != f"{SCOPES_FOLDER}/"]
    folders = [f"{folder}/{name}".strip("/") for name in names if name.endswith("/")]
    inner = await asyncio.gather(*(count_secrets(act, name) for name in folders))
    return len(names) - len(folders) + sum(inner)
