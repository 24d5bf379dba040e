"""Who can view, change and use one secret, through which grant."""

from __future__ import annotations

from adapter.model.access import EVERYWHERE, GrantView
from adapter.model.address import Address, Scope
from adapter.model.rights import AccessView, Right, TemporaryView
from adapter.model.roles import Role
from adapter.provision.plan import group_policies
from adapter.service import grants, temporary
from adapter.service.app import Act
from adapter.service.asking import layout_for
from adapter.service.listing import find
from adapter.service.managing import for_admins
from adapter.service.rights import ACTS, Held, Place
from adapter.vault.policies import Layout
from adapter.vault.session import ServerKind

SEEING = "Seeing who can use a secret"


async def users_of(act: Act, address: Address) -> list[AccessView]:
    """Everybody who can do something with a secret, a line each grant. Raises NotAllowed, NotFound."""
    with for_admins(SEEING):
        held = await grants.holders(act)
        await find(act, address)
        given = await temporary.list_temporary(act)
    server, layout, place = await act.services.vault.kind(), layout_for(act), Place.of_secret(address)
    lines = [_line(grant, server, layout, place) for grant in held]
    lines += _any_account(act, address)
    lines += [_temporary_line(one) for one in given if one.address == address.path]
    return [line for line in lines if line.view or line.change or line.use]


def _any_account(act: Act, address: Address) -> list[AccessView]:
    """Accounts of the platform that were granted nothing have their authority in the scopes of a setting."""
    accounts, scope = act.services.accounts, address.scope
    if accounts is None or scope not in accounts.default_scopes:
        return []
    via = Right(role="AUTHORITY", scope=str(scope))
    return [AccessView(who="account:*", kind="account", name="*", via=via, view=True, change=True, use=False)]


def _temporary_line(given: TemporaryView) -> AccessView:
    return AccessView(
        who=given.who,
        kind="temporary",
        name=given.who.partition(":")[2],
        via=Right(role="TEMPORARY", scope=Address(given.address).path),
        view=False,
        change=False,
        use=True,
        expires_at=given.expires_at,
    )


def _line(grant: GrantView, server: ServerKind, layout: Layout, place: Place) -> AccessView:
    scope = None if grant.scope == EVERYWHERE else Scope.parse(grant.scope)
    by = Held.of(group_policies(Role(grant.role), scope), server, layout, place.scope)
    return AccessView(
        who=grant.who,
        kind=grant.kind,
        name=grant.name,
        via=Right(role=grant.role, scope=grant.scope),
        view=by.may(ACTS["view"], place, layout),
        change=by.may(ACTS["update"], place, layout),
        use=by.may(ACTS["use"], place, layout),
        disabled=grant.disabled,
    )
