"""Retiring a scope: its grants, policies and groups go, its entry last; a scope with secrets in it stays."""

from __future__ import annotations

from adapter.errors import Conflict, Invalid, NotAllowed, NotFound, Prevented
from adapter.model.address import GLOBAL, Scope
from adapter.model.roles import policy_name
from adapter.provision import perform
from adapter.provision.plan import SCOPED_ROLES, make_scope_plan, policy_names
from adapter.service import grants
from adapter.service.app import Act
from adapter.service.managing import changing
from adapter.service.scopes import (
    MANAGING,
    RETIRING,
    count_secrets,
    entry_of,
    forget,
    policy_names_there,
    refresh_admin,
    settings_of,
)
from adapter.vault import identity
from adapter.vault.policies import Layout, freezing_policy


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
        if await settings_of(act, scope) is not None:
            await act.store.patch_custom(entry_of(scope), {RETIRING: "true"})
        await _freeze(act, scope)
        for role in SCOPED_ROLES:
            await identity.delete_group(act.session, policy_name(role, scope))
        await grants.revoke_accounts(act, scope)
        for name in policy_names(scope):
            await act.session.send("DELETE", "sys/policies/acl", name)
        await act.store.delete_all(entry_of(scope))
        await refresh_admin(act)
    forget(act)


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
    names = {*await policy_names_there(act), *await identity.group_names(act.session)}
    if await settings_of(act, scope) is None and not any(grants.scope_in_name(name) == scope for name in names):
        raise NotFound("There is no such scope.", hint="The list of scopes has them.")


async def _check_empty(act: Act, scope: Scope) -> None:
    count = await count_secrets(act, str(scope))
    if count:
        raise Prevented(
            f"{scope} still holds {count} {'secret' if count == 1 else 'secrets'}, so it cannot be retired.",
            hint="Move or delete them first.",
        )
    if await _keys(act, scope):
        raise Prevented(
            f"{scope} still has encryption keys, so it cannot be retired.",
            hint="What they encrypted could be read no more. STATUS deletes no keys; whoever runs the vault can.",
        )


async def _keys(act: Act, scope: Scope) -> list[str]:
    """None where ADMIN's policy does not reach them: then no scope of that name was ever whole."""
    try:
        return await identity.names(act.session, f"{Layout(act.services.vault.mount).keys}/{scope}/keys")
    except NotAllowed:
        return []
