"""Since when somebody holds a role, and who gave it: noted with their entity, shown where the vault's log agrees.

The log says that a group was changed, by whom and when, but hashes the members; the entity's metadata says whose grant
it was. What stands there alone is a claim, so it counts only beside an event of that group at that time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from adapter.audit.criteria import Criteria
from adapter.audit.storage import Dim
from adapter.errors import StatusError, Unreachable
from adapter.model.access import EVERYWHERE, GrantView
from adapter.model.address import Scope
from adapter.model.audit import Event
from adapter.model.records import iso, parse_time
from adapter.model.roles import Role, policy_name
from adapter.service.app import Act
from adapter.vault import identity
from adapter.vault.identity import Entity

MOST_KEYS = 60
KEY_LENGTH = 128
"""The vault takes 64 keys of 128 bytes; whoever has more grants has some without a time."""

CLOSE = timedelta(minutes=1)


def key(group: str) -> str:
    """Where an entity's metadata says since when it is in a group."""
    return f"since_{group.removeprefix('status-')}"


async def note_of(act: Act) -> str:
    """This moment and this caller."""
    return f"{iso(act.now)} {(await act.identity()).name}"


def parse(note: str) -> tuple[str | None, str | None]:
    """Time and giver; an account's note begins with its role."""
    words = note.split(" ", 1)
    if words[0] in set(Role):
        words = words[-1].split(" ", 1)
    return (words[0], words[1]) if len(words) == 2 and parse_time(words[0]) else (None, None)


async def note(act: Act, entity: Entity, group: str) -> None:
    """A grant is one without its note too, so nothing that goes wrong here matters."""
    with suppress(StatusError):
        now = await identity.entity_by_id(act.session, entity.id) or entity
        metadata = {**identity.metadata_of(now), key(group): await note_of(act)}
        if len(metadata) <= MOST_KEYS and len(key(group)) <= KEY_LENGTH:
            await identity.set_entity(act.session, now.name, metadata=metadata)


async def forget(act: Act, entity: Entity, group: str) -> None:
    with suppress(StatusError):
        now = await identity.entity_by_id(act.session, entity.id) or entity
        metadata = {name: text for name, text in identity.metadata_of(now).items() if name != key(group)}
        if metadata != identity.metadata_of(now):
            await identity.set_entity(act.session, now.name, metadata=metadata)


async def confirmed(act: Act, grants: Iterable[GrantView]) -> list[GrantView]:
    """The grants, without the times that the log does not show, or cannot be asked about."""
    grants = list(grants)
    events = await _events(act, {_subject(grant) for grant in grants if grant.since})
    return [
        grant
        if grant.since and _agree(grant, events.get(_subject(grant), []))
        else grant.model_copy(update={"since": None, "by": None})
        for grant in grants
    ]


def _subject(grant: GrantView) -> str:
    """What the log names where this grant was given."""
    if grant.kind == "account":
        return f"entity account-{grant.name}"
    scope = None if grant.scope == EVERYWHERE else Scope.parse(grant.scope)
    return f"group {policy_name(Role(grant.role), scope)}"


async def _events(act: Act, subjects: set[str]) -> Mapping[str, list[Event]]:
    view = act.services.audit
    found: dict[str, list[Event]] = defaultdict(list)
    if view is None or not subjects:
        return found
    with suppress(Unreachable):
        for event in await asyncio.to_thread(view.every, Criteria({Dim.SECRET: tuple(sorted(subjects))})):
            found[event.secret or ""].append(event)
    return found


def _agree(grant: GrantView, events: Iterable[Event]) -> bool:
    since = parse_time(grant.since or "")
    return since is not None and any(
        event.outcome == "done" and event.actor == grant.by and _is_close(event.time, since) for event in events
    )


def _is_close(time: str, since: datetime) -> bool:
    moment = parse_time(time)
    return moment is not None and abs(moment - since) <= CLOSE
