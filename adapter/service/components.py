"""Components: an AppRole each, whose entity is in the groups of USE and in nothing else."""

from __future__ import annotations

from datetime import timedelta

from adapter.errors import Exists, Invalid, NotFound
from adapter.model.access import ComponentAdd, ComponentView, Credentials, GrantView
from adapter.model.address import Scope
from adapter.model.records import iso, parse_time
from adapter.model.roles import COMPONENT_POLICY, Role
from adapter.model.spans import check_span
from adapter.model.who import COMPONENT_ROLE, Kind, Who, check_component_name
from adapter.service import granting_times, grants
from adapter.service.app import Act
from adapter.service.grants import Right
from adapter.service.managing import changing, for_admins
from adapter.service.temporary_ends import end_all_of
from adapter.service.uses import last_use_of
from adapter.vault import accessors, identity
from adapter.vault.approle import AppRole
from adapter.vault.identity import Entity
from adapter.vault.policies import component_policy
from adapter.vault.wrapping import Wrapped

MANAGING = "Managing components"

SIGN_IN = {
    "token_ttl": 3600,
    "token_max_ttl": 86400,
    "bind_secret_id": True,
    "token_policies": [COMPONENT_POLICY],
    "token_no_default_policy": True,
}
"""Of its own it has what every component has: what it may besides is its groups', so that grants are groups alone."""

FETCH_WITHIN = "30m"
LONGEST_FETCH = 86400


def who_of(name: str) -> Who:
    return Who(Kind.COMPONENT, check_component_name(name))


def approle(act: Act, name: str) -> AppRole:
    return AppRole(act.session, f"{COMPONENT_ROLE}{name}")


async def list_components(act: Act) -> list[ComponentView]:
    """Every component, also one of which only parts are there. Raises NotAllowed."""
    with for_admins(MANAGING):
        roles = await identity.names(act.session, f"auth/{act.services.vault.approle_mount}/role")
        entities = await identity.entity_names(act.session)
        named = {name.removeprefix(COMPONENT_ROLE) for name in roles if name.startswith(COMPONENT_ROLE)}
        named |= {name.removeprefix("component-") for name in entities if name.startswith("component-")}
        held = [grant for grant in await grants.holders(act) if grant.kind == "component"]
        views = await identity.each(sorted(named), lambda name: _view(act, name, held))
    return list(views.values())


async def _view(act: Act, name: str, held: list[GrantView]) -> ComponentView:
    role = approle(act, name)
    role_id = await role.role_id()
    entity = await identity.entity_by_name(act.session, f"{Kind.COMPONENT}-{name}")
    whole = entity is not None and role_id is not None and _signs_in(entity, role_id)
    return ComponentView(
        name=name,
        who=f"{Kind.COMPONENT}:{name}",
        scopes=[grant.scope for grant in held if grant.name == name],
        state="disabled" if entity is not None and entity.disabled else "ready" if whole else "unfinished",
        role_id=role_id,
        secret_ids=len(await role.secret_ids()) if role_id else 0,
        last_used_at=await last_use_of(act, name),
    )


def _signs_in(entity: Entity, role_id: str) -> bool:
    return any(alias.name == role_id for alias in entity.aliases or ())


async def add_component(act: Act, body: ComponentAdd) -> Credentials:
    """Make a component, or finish one that is half there. Raises Exists, Invalid, NotAllowed."""
    who = who_of(body.name)
    scopes = [Scope.parse(scope, "scopes") for scope in body.scopes]
    seconds = fetch_within(body.ttl)
    if not scopes:
        raise Invalid.field("scopes", "A component uses the secrets of at least one scope.", hint="Name one.")
    async with changing(act, MANAGING):
        for scope in scopes:
            await grants.check_scope(act, Right(Role.USE, scope), "scopes")
        role = approle(act, who.name)
        await _check_new(act, who, role)
        await _have_policy(act)
        await role.save(dict(SIGN_IN))
        role_id = await role.role_id()
        if role_id is None:
            raise NotFound("The vault does not show what was just made.", hint="Add the component again.")
        mounts = await identity.auth_mounts(act.session)
        accessor = mounts[act.services.vault.approle_mount].accessor
        await _bind_anew(act, who, role_id, accessor)
        entity = await identity.make_entity(act.session, who.entity_name, role_id, accessor)
        for scope in scopes:
            group = Right(Role.USE, scope).group
            if await identity.change_members(act.session, group, entity.id, member=True):
                await granting_times.note(act, entity, group)
        wrapped = await role.new_secret_id({"component": who.name}, seconds)
    return credentials_of(act, role_id, wrapped)


async def _check_new(act: Act, who: Who, role: AppRole) -> None:
    """A component is there when it could sign in; whatever was cut short before is finished."""
    entity = await identity.entity_by_name(act.session, who.entity_name)
    role_id = await role.role_id()
    if entity is not None and entity.disabled:
        raise Exists(
            "There is a component of that name that is disabled, or was not removed to the end.",
            hint=f"Let it in again, or remove it first: status-secrets components remove {who.name}",
        )
    if entity is not None and role_id is not None and _signs_in(entity, role_id) and await role.secret_ids():
        raise Exists(
            "There is a component of that name already.",
            hint="Grant it further scopes, or rotate its secret id: status-secrets components rotate NAME",
        )


async def _have_policy(act: Act) -> None:
    """On a server that was provisioned before components had a policy of their own."""
    status, _ = await act.session.send("GET", "sys/policies/acl", COMPONENT_POLICY, ok=frozenset({404}))
    if status == 404:
        text = component_policy(await act.session.vault.kind())
        await act.session.send("PUT", "sys/policies/acl", COMPONENT_POLICY, body={"policy": text})


async def _bind_anew(act: Act, who: Who, role_id: str, accessor: str) -> None:
    """Where somebody deleted the role alone, what its old tokens could is ended, and the entity gets the new one."""
    entity = await identity.entity_by_name(act.session, who.entity_name)
    of_before = [one for one in (entity.aliases or () if entity else ()) if one.mount_accessor == accessor]
    for alias in of_before:
        if entity is not None and alias.name != role_id:
            await accessors.revoke_all(act.session, entity.id)
            await identity.rename_alias(act.session, entity.id, alias, role_id)


async def rotate_component(act: Act, name: str, ttl: str | None) -> Credentials:
    """A new secret id; every earlier one, and every token, is revoked. Raises NotFound."""
    who, seconds = who_of(name), fetch_within(ttl)
    async with changing(act, MANAGING):
        role = approle(act, name)
        role_id = await role.role_id()
        entity = await identity.entity_by_name(act.session, who.entity_name)
        if role_id is None or entity is None:
            raise not_there()
        earlier = await role.secret_ids()
        wrapped = await role.new_secret_id({"component": name}, seconds)
        for accessor in earlier:
            await role.destroy_secret_id(accessor)
        await end_all_of(act, who, entity)
    await accessors.revoke_all(act.session, entity.id)
    return credentials_of(act, role_id, wrapped)


async def remove_component(act: Act, name: str) -> None:
    """Its tokens are refused at once, then all of it goes. Raises NotFound when nothing of it is there."""
    who = who_of(name)
    async with changing(act, MANAGING):
        role = approle(act, name)
        entity = await identity.entity_by_name(act.session, who.entity_name)
        if entity is None and await role.role_id() is None:
            raise not_there()
        if entity is not None:
            await identity.set_entity(act.session, entity.name, disabled=True)
        await end_all_of(act, who, entity)
        await role.delete()
    if entity is not None:
        await accessors.revoke_all(act.session, entity.id)
        await identity.delete_entity(act.session, entity.name)


def not_there() -> NotFound:
    return NotFound("There is no such component.", hint="The list of components has them.")


def fetch_within(ttl: str | None) -> int:
    return check_span("ttl", ttl or FETCH_WITHIN, LONGEST_FETCH)


def credentials_of(act: Act, role_id: str, wrapped: Wrapped) -> Credentials:
    ends = (parse_time(wrapped.creation_time) or act.now) + timedelta(seconds=wrapped.ttl)
    return Credentials(role_id=role_id, wrapped_secret_id=wrapped.secret, expires_at=iso(ends))
