"""Vault's identity store: entities, their aliases, and the groups that carry STATUS's roles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from adapter.errors import Conflict, NotFound
from adapter.vault.answers import Listing, decode_data, decode_struct
from adapter.vault.session import VaultSession

FAN_OUT = 16
"""How many requests are under way at once where many entities or groups are read."""

TRIES = 5
"""How often a group that somebody else writes at the same moment is written again."""

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")


class Alias(msgspec.Struct, frozen=True):
    """Under which name an entity signs in with one auth method."""

    name: str
    mount_accessor: str
    mount_path: str = ""
    mount_type: str = ""
    id: str = ""


class Entity(msgspec.Struct, frozen=True):
    id: str
    name: str = ""
    disabled: bool = False
    metadata: dict[str, str] | None = None
    aliases: list[Alias] | None = None
    policies: list[str] | None = None
    group_ids: list[str] | None = None


class Group(msgspec.Struct, frozen=True):
    id: str
    name: str
    type: str = "internal"
    policies: list[str] | None = None
    member_entity_ids: list[str] | None = None
    member_group_ids: list[str] | None = None


class AuthMount(msgspec.Struct, frozen=True):
    accessor: str
    type: str


async def auth_mounts(session: VaultSession) -> dict[str, AuthMount]:
    """The server's auth methods by their place, without the slash at its end."""
    _, content = await session.send("GET", "sys/auth")
    found = decode_data(content, dict[str, Any])
    return {
        path.rstrip("/"): AuthMount(mount["accessor"], mount["type"])
        for path, mount in found.items()
        if isinstance(mount, dict) and "accessor" in mount
    }


async def entity_of_alias(session: VaultSession, name: str, accessor: str) -> Entity | None:
    """Who signs in under that name with that method; None for nobody so far."""
    body = {"alias_name": name, "alias_mount_accessor": accessor}
    status, content = await session.send("POST", "identity/lookup/entity", body=body)
    return decode_data(content, Entity) if status == 200 and content else None


async def entity_by_name(session: VaultSession, name: str) -> Entity | None:
    return await _look(session, Entity, "identity/entity/name", name)


async def entity_by_id(session: VaultSession, entity_id: str) -> Entity | None:
    return await _look(session, Entity, "identity/entity/id", entity_id)


async def entity_names(session: VaultSession) -> list[str]:
    return await names(session, "identity/entity/name")


async def make_entity(session: VaultSession, name: str, alias: str, accessor: str) -> Entity:
    """The entity of that name, with that alias; what is there of it already stays."""
    entity = await entity_by_name(session, name)
    if entity is None:
        await session.send("POST", "identity/entity/name", name, body={})
        entity = await entity_by_name(session, name)
    if entity is None:
        raise NotFound("The vault does not show what was just made.", hint="Try again.")
    if not any((a.name, a.mount_accessor) == (alias, accessor) for a in entity.aliases or ()):
        body = {"name": alias, "canonical_id": entity.id, "mount_accessor": accessor}
        await session.send("POST", "identity/entity-alias", body=body)
    return entity


async def rename_alias(session: VaultSession, entity_id: str, alias: Alias, name: str) -> None:
    """Have an entity sign in under another name: it has one alias at most with each auth method."""
    body = {"id": alias.id, "name": name, "canonical_id": entity_id, "mount_accessor": alias.mount_accessor}
    await session.send("POST", "identity/entity-alias", body=body)


async def set_entity(session: VaultSession, name: str, **changes: object) -> None:
    """Change what is named of an entity: `metadata` (the whole of it), `disabled`."""
    await session.send("POST", "identity/entity/name", name, body=changes)


async def rename_entity(session: VaultSession, entity_id: str, name: str) -> None:
    await session.send("POST", "identity/entity", body={"id": entity_id, "name": name})


async def delete_entity(session: VaultSession, name: str) -> None:
    """Remove an entity with its aliases and memberships; its tokens answer 403 from then on."""
    await session.send("DELETE", "identity/entity/name", name)


async def group_names(session: VaultSession) -> list[str]:
    return await names(session, "identity/group/name")


class _Brief(msgspec.Struct, frozen=True):
    name: str
    num_member_entities: int = 0
    num_parent_groups: int = 0


async def groups_with_members(session: VaultSession, fits: Callable[[str], bool]) -> dict[str, Group | None]:
    """The groups whose name fits; None for one without members, of which nothing more is asked.

    The vault's list counts a group's entities, and says of which other groups a group is a member, not the reverse.
    """
    try:
        _, content = await session.send("LIST", "identity/group/id")
    except NotFound:
        return {}
    listed = [decode_struct(raw, _Brief) for raw in decode_data(content, Listing).key_info.values()]
    nested = any(one.num_parent_groups for one in listed)
    mine = [one for one in listed if fits(one.name)]
    found = await each(
        [one.name for one in mine if nested or one.num_member_entities], lambda name: group_by_name(session, name)
    )
    return {one.name: found.get(one.name) for one in mine}


async def group_by_name(session: VaultSession, name: str) -> Group | None:
    return await _look(session, Group, "identity/group/name", name)


async def group_by_id(session: VaultSession, group_id: str) -> Group | None:
    return await _look(session, Group, "identity/group/id", group_id)


async def delete_group(session: VaultSession, name: str) -> None:
    await session.send("DELETE", "identity/group/name", name)


async def change_members(session: VaultSession, group: str, entity_id: str, *, member: bool) -> bool:
    """Make an entity a member of a group, or no longer one; answers whether that changed anything.

    The vault takes the whole list of members and knows no check-and-set there, so it is looked at again after it was
    written. Raises NotFound for no such group, Conflict when others keep overwriting it.
    """
    changed = False
    for _ in range(TRIES):
        now = await group_by_name(session, group)
        if now is None:
            raise NotFound("There is no such group in the vault.", hint="Provisioning makes it.")
        members = now.member_entity_ids or []
        if (entity_id in members) is member:
            return changed
        wanted = [*members, entity_id] if member else [other for other in members if other != entity_id]
        await session.send("POST", "identity/group/name", group, body={"member_entity_ids": wanted})
        changed = True
    raise Conflict("Somebody else keeps changing the same group.", hint="Look at the grants, then repeat.")


async def each(keys: Iterable[K], read: Callable[[K], Awaitable[V | None]]) -> dict[K, V]:
    """What `read` finds for each key, several at once; what is not there is left out."""
    gate = asyncio.Semaphore(FAN_OUT)

    async def one(key: K) -> tuple[K, V | None]:
        async with gate:
            return key, await read(key)

    return {key: found for key, found in await asyncio.gather(*map(one, keys)) if found is not None}


async def _look(session: VaultSession, kind: type[T], *path: str) -> T | None:
    try:
        _, content = await session.send("GET", *path)
    except NotFound:
        return None
    return decode_data(content, kind)


async def names(session: VaultSession, path: str) -> list[str]:
    """What the vault lists at a path; empty for nothing."""
    try:
        _, content = await session.send("LIST", path)
    except NotFound:
        return []
    return decode_data(content, Listing).keys


def metadata_of(entity: Entity) -> Mapping[str, str]:
    return entity.metadata or {}
