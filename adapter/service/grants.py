"""Grants: who has which role where, giving one, taking one back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from adapter.errors import Invalid, NotFound, Prevented
from adapter.model import accounts
from adapter.model.access import EVERYWHERE, GrantChange, GrantView
from adapter.model.address import Address, Scope
from adapter.model.roles import ADMIN_POLICY, Role, parse_policy_name, policy_name
from adapter.model.who import Kind, Who
from adapter.service import granting_times
from adapter.service import holders as who_is_who
from adapter.service.app import Act
from adapter.service.managing import changing, for_admins
from adapter.vault import identity
from adapter.vault.identity import Entity, Group
from adapter.vault.policies import SCOPES_FOLDER

MANAGING = "Managing grants"

OF_KIND = {
    Kind.PERSON: (Role.USER, Role.DEVELOPER, Role.ADMIN),
    Kind.ACCOUNT: (Role.USER, Role.DEVELOPER),
    Kind.COMPONENT: (Role.USE,),
}
"""The roles that each kind may hold."""


@dataclass(frozen=True, slots=True)
class Right:
    """A role in a scope; ADMIN's scope is None."""

    role: Role
    scope: Scope | None

    @property
    def group(self) -> str:
        return policy_name(self.role, self.scope)


def scope_in_name(name: str) -> Scope | None:
    """The scope whose policy or group has that name; None for every other."""
    parsed = parse_policy_name(name)
    return parsed[1] if parsed else None


async def list_grants(act: Act, who: str | None = None, scope: str | None = None) -> list[GrantView]:
    """Who has what, by scope, role and name. Raises NotAllowed."""
    wanted = Who.parse(who) if who else None
    place = str(Scope.parse(scope)) if scope and scope != EVERYWHERE else scope
    with for_admins(MANAGING):
        found = await holders(act)
        if wanted is not None:
            name = str(who_is_who.who_is(await who_is_who.find(act, wanted)))
            found = [grant for grant in found if grant.who == name]
    found = [grant for grant in found if place is None or grant.scope in (place, EVERYWHERE)]
    return await granting_times.confirmed(act, found)


async def holders(act: Act) -> list[GrantView]:
    """Every grant there is. Raises VaultRefusal for who may not see groups."""
    listed = await identity.groups_with_members(act.session, lambda name: parse_policy_name(name) is not None)
    groups = {name: group for name, group in listed.items() if group is not None}
    entities = await _members(act, groups.values())
    inner = await _inner_groups(act, groups.values())
    found = [*_of_groups(groups, entities, inner), *await _of_accounts(act)]
    return sorted(found, key=lambda grant: (grant.scope, grant.role, grant.kind, grant.name))


async def _members(act: Act, groups: Iterable[Group]) -> dict[str, Entity]:
    ids = {member for group in groups for member in group.member_entity_ids or ()}
    return await identity.each(ids, lambda entity_id: identity.entity_by_id(act.session, entity_id))


async def _inner_groups(act: Act, groups: Iterable[Group]) -> dict[str, Group]:
    ids = {member for group in groups for member in group.member_group_ids or ()}
    return await identity.each(ids, lambda group_id: identity.group_by_id(act.session, group_id))


def _of_groups(groups: dict[str, Group], entities: dict[str, Entity], inner: dict[str, Group]) -> list[GrantView]:
    found: list[GrantView] = []
    for name, group in groups.items():
        parsed = parse_policy_name(name)
        if parsed is None:
            continue
        right = Right(*parsed)
        members = [entities[member] for member in group.member_entity_ids or () if member in entities]
        found.extend(_view(entity, right, granting_times.key(name)) for entity in members)
        foreign = [inner[member] for member in group.member_group_ids or () if member in inner]
        found.extend(_line(Who(Kind.GROUP, other.name), right) for other in foreign)
    return found


async def _of_accounts(act: Act) -> list[GrantView]:
    entities = await account_entities(act)
    return [
        _view(entity, Right(role, scope), accounts.scope_key(scope))
        for entity in entities
        for scope, role in accounts.granted(identity.metadata_of(entity)).items()
    ]


async def account_entities(act: Act) -> list[Entity]:
    prefix = f"{Kind.ACCOUNT}-"
    names = [name for name in await identity.entity_names(act.session) if name.startswith(prefix)]
    return list((await identity.each(names, lambda name: identity.entity_by_name(act.session, name))).values())


def _view(entity: Entity, right: Right, key: str) -> GrantView:
    """`key`: where the entity's metadata says since when."""
    at, by = granting_times.parse(identity.metadata_of(entity).get(key, ""))
    line = _line(who_is_who.who_is(entity), right, disabled=entity.disabled)
    return line.model_copy(update={"since": at, "by": by})


def _line(who: Who, right: Right, *, disabled: bool = False) -> GrantView:
    return GrantView(
        who=str(who),
        kind=who.kind.value,
        name=who.name,
        role=str(right.role),
        scope=str(right.scope) if right.scope else EVERYWHERE,
        disabled=disabled,
    )


async def grant(act: Act, body: GrantChange) -> GrantView:
    """Give a role in a scope; giving it twice is giving it once. Raises Invalid, NotAllowed, NotFound."""
    who, right = _checked(body)
    async with changing(act, MANAGING):
        await check_scope(act, right)
        entity = await who_is_who.find_or_make(act, who)
        if who.kind is Kind.ACCOUNT:
            await _set_account(act, entity, right, held=True)
        else:
            await _check_kind(entity, who)
            if await identity.change_members(act.session, right.group, entity.id, member=True):
                await granting_times.note(act, entity, right.group)
    return _line(who_is_who.who_is(entity) if entity.aliases else who, right, disabled=entity.disabled)


async def revoke(act: Act, body: GrantChange) -> None:
    """Take a role back; tokens in use lose it at once, an account's within a minute.

    Raises Conflict for the last ADMIN, Invalid, NotAllowed, NotFound when it was not granted.
    """
    who, right = _checked(body, granting=False)
    async with changing(act, MANAGING):
        entity = await who_is_who.find(act, who)
        if right.role is Role.ADMIN:
            await check_not_last_admin(act, entity)
        if who.kind is Kind.ACCOUNT:
            changed = await _set_account(act, entity, right, held=False)
        else:
            changed = await _leave(act, right, entity)
            await granting_times.forget(act, entity, right.group)
    if not changed:
        raise _not_granted()


async def _leave(act: Act, right: Right, entity: Entity) -> bool:
    try:
        return await identity.change_members(act.session, right.group, entity.id, member=False)
    except NotFound:
        raise _not_granted() from None


def _not_granted() -> NotFound:
    return NotFound("That role was not granted there.", hint="The list of grants says who has what.")


async def revoke_accounts(act: Act, scope: Scope) -> None:
    """Take a scope from every account that was granted it."""
    for entity in await account_entities(act):
        await _set_account(act, entity, Right(Role.USER, scope), held=False)


async def check_not_last_admin(act: Act, entity: Entity) -> None:
    """Raises Conflict when nobody else could manage anything any more."""
    group = await identity.group_by_name(act.session, ADMIN_POLICY)
    if group is None or entity.id not in (group.member_entity_ids or ()):
        return
    others = await _members(act, [group])
    if not any(other.id != entity.id and not other.disabled for other in others.values()):
        raise Prevented(
            "That is the last ADMIN, so nobody could manage anything.", hint="Grant ADMIN to another first."
        )


async def _set_account(act: Act, entity: Entity, right: Right, *, held: bool) -> bool:
    """An account's scopes are metadata of its entity, which the vault takes as a whole."""
    if right.scope is None:
        raise Invalid.field("scope", "An account is granted a scope.", hint="Name one.")
    now = await identity.entity_by_id(act.session, entity.id) or entity
    metadata = dict(identity.metadata_of(now))
    key = accounts.scope_key(right.scope)
    if (accounts.granted(metadata).get(right.scope) is right.role) if held else (key not in metadata):
        return False
    value = accounts.scope_value(right.role, await granting_times.note_of(act))
    wanted = metadata | {key: value} if held else {k: v for k, v in metadata.items() if k != key}
    if len(wanted) > accounts.MOST_SCOPES:
        raise Invalid.field("scope", f"An account can be granted {accounts.MOST_SCOPES} scopes at most.", hint="")
    await identity.set_entity(act.session, now.name, metadata=wanted)
    return True


async def _check_kind(entity: Entity, who: Who) -> None:
    """Raises Invalid when a person's name leads to a component's or an account's entity."""
    if who_is_who.who_is(entity).kind is not who.kind:
        raise Invalid.field("who", f"That is no {who.kind}.", hint="The list of grants shows how everybody is named.")


async def check_scope(act: Act, right: Right, field: str = "scope") -> None:
    """Raises Invalid for a scope that is not there, or only half."""
    if right.scope is None:
        return
    try:
        await act.store.metadata(Address(f"{SCOPES_FOLDER}/{right.scope}"))
    except NotFound:
        raise Invalid.field(
            field, "There is no such scope.", hint=f"Add it first: status-secrets scopes add {right.scope}"
        ) from None
    if await identity.group_by_name(act.session, right.group) is None:
        raise Invalid.field(
            field, "The scope is only half there.", hint=f"Finish it: status-secrets scopes add {right.scope}"
        )


def _checked(body: GrantChange, *, granting: bool = True) -> tuple[Who, Right]:
    who = Who.parse(body.who)
    role = _role(body.role, who.kind)
    if granting and role not in OF_KIND[who.kind]:
        raise Invalid.field("role", _words_for(who.kind), hint="docs/roles.md says who may hold what.")
    if role is Role.ADMIN:
        if body.scope not in (None, EVERYWHERE):
            raise Invalid.field(
                "scope", "ADMIN is held everywhere, not in one scope.", hint='Leave it out, or send "*".'
            )
        return who, Right(role, None)
    if body.scope is None:
        raise Invalid.field("scope", "The scope is missing.", hint="Name one: environment/production")
    return who, Right(role, Scope.parse(body.scope))


def _role(name: str | None, kind: Kind) -> Role:
    if name is None and kind is Kind.COMPONENT:
        return Role.USE
    try:
        return Role((name or "").upper())
    except ValueError:
        raise Invalid.field("role", "That is not a role.", hint="USER, DEVELOPER, ADMIN, or USE.") from None


def _words_for(kind: Kind) -> str:
    return {
        Kind.PERSON: "USE is for components: a person never reads values by it.",
        Kind.ACCOUNT: "An account is granted USER or DEVELOPER; ADMIN comes with its authority in STATUS only.",
    }.get(kind, "A component holds USE and nothing else.")
