"""What an ADMIN asks after an incident: who could have a value, what somebody touched, where a string came by."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from pydantic import SecretStr

from adapter.audit import leaks
from adapter.audit.actors import actor_of
from adapter.audit.criteria import Criteria, criteria_of, moment_of, secret_path
from adapter.audit.events import iso_time
from adapter.audit.lines import nanoseconds
from adapter.audit.raw_lines import lines_of
from adapter.audit.storage import Dim
from adapter.audit.view import AuditView
from adapter.errors import Invalid, NotFound
from adapter.model.audit import (
    Event,
    EventAct,
    EventFilter,
    Investigation,
    LeakHit,
    LeakReport,
    Outcome,
    RawLines,
    Touched,
    Use,
)
from adapter.service.app import Act
from adapter.service.auditing import audit_view, only_admin
from adapter.vault import audit_devices

HANDED_OUT = (EventAct.USED.value, EventAct.WRAPPED.value)
MAY_HAVE_HAPPENED = (Outcome.DONE.value, Outcome.UNKNOWN.value)

_REQUEST = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

LONGEST = 1_000_000
"""Characters of a string that is looked for."""

NOTE = (
    "Only whole strings are found, as they were sent or answered: a part of one, or one with a line break more, has"
    " another hash. What is not in the log any more cannot be found."
)


async def investigate(act: Act, secret: str | None, actor: str | None, component: str | None) -> Investigation:
    """Everyone who could have a secret's value; or all that one actor or component touched. ADMIN only.

    Raises Invalid, NotAllowed, NotFound (no view), Unreachable.
    """
    if sum(one is not None for one in (secret, actor, component)) != 1:
        raise Invalid("Name one of: secret, actor, component.", hint="Ask once for each.")
    view = audit_view(act)
    await only_admin(act, "Investigating")
    if secret is not None:
        return await asyncio.to_thread(_of_secret, view, secret_path(secret))
    if actor is not None:
        return await asyncio.to_thread(_of_somebody, view, act.now, "actor", actor)
    return await asyncio.to_thread(_of_somebody, view, act.now, "component", component or "")


def _of_secret(view: AuditView, secret: str) -> Investigation:
    words = {Dim.SECRET: (secret,), Dim.ACT: HANDED_OUT, Dim.OUTCOME: MAY_HAVE_HAPPENED}
    events = view.every(Criteria(words))
    made = view.made(secret)
    return Investigation(
        subject=secret,
        kind="secret",
        known_since=view.since(),
        rotated_at=made[0].event.time if made else None,
        uses=_uses(events),
    )


def _of_somebody(view: AuditView, now: datetime, kind: str, name: str) -> Investigation:
    wanted = EventFilter(actor=name) if kind == "actor" else EventFilter(component=name)
    events = [event for event in view.every(criteria_of(wanted, now)) if event.secret is not None]
    used = [event for event in events if event.act in HANDED_OUT and event.outcome in MAY_HAVE_HAPPENED]
    return Investigation(
        subject=name,
        kind="actor" if kind == "actor" else "component",
        known_since=view.since(),
        uses=_uses(used),
        touched=_touched(events),
    )


def _uses(events: Iterable[Event]) -> list[Use]:
    """Uses of one actor from one place through one client as one, newest first; `events` are newest first."""
    groups = _grouped(
        events,
        lambda e: (e.actor, e.actor_kind, e.component, e.address, e.client, e.secret, e.version),
    )
    return [
        Use(
            actor=group[0].actor,
            actor_kind=group[0].actor_kind,
            component=group[0].component,
            address=group[0].address,
            client=group[0].client,
            secret=group[0].secret or "",
            version=group[0].version,
            count=len(group),
            first=group[-1].time,
            last=group[0].time,
        )
        for group in groups
    ]


def _touched(events: Iterable[Event]) -> list[Touched]:
    found = []
    for group in _grouped(events, lambda e: (e.secret,)):
        acts: dict[str, int] = {}
        for event in group:
            name = event.act if event.outcome == Outcome.DONE else f"{event.act} ({event.outcome})"
            acts[name] = acts.get(name, 0) + 1
        found.append(Touched(secret=group[0].secret or "", acts=acts, first=group[-1].time, last=group[0].time))
    return found


def _grouped(events: Iterable[Event], key: Callable[[Event], tuple[object, ...]]) -> list[list[Event]]:
    groups: dict[tuple[object, ...], list[Event]] = {}
    for event in events:
        groups.setdefault(key(event), []).append(event)
    return list(groups.values())


async def raw_lines(act: Act, request: str, time: str) -> RawLines:
    """The log's lines of one request. ADMIN only. Raises Invalid, NotAllowed, NotFound (no view; no such lines)."""
    view = audit_view(act)
    await only_admin(act, "Seeing the log's lines")
    at = moment_of("time", time, act.now)
    if not _REQUEST.fullmatch(request):
        raise Invalid.field("requestId", "That is no request's id.", hint="Send one of an event's requestIds.")
    lines = await asyncio.to_thread(lines_of, view.place.logs, request, at)
    if not lines:
        raise NotFound("The log has no lines of that request any more.", hint="Old files may have been taken away.")
    return RawLines(request_id=request, lines=lines)


async def find_leak(act: Act, value: SecretStr) -> LeakReport:
    """Each request that carried a string, which nobody learns by this: the vault hashes it for the ADMIN who asks.

    Raises Invalid, NotAllowed, NotFound (no view).
    """
    view = audit_view(act)
    if not value.get_secret_value():
        raise Invalid.field("value", "The string is empty.", hint="Send the whole of what was found.")
    if len(value.get_secret_value()) > LONGEST:
        raise Invalid.field("value", "The string is too long.", hint="Send one value: at most a million characters.")
    await only_admin(act, "Looking for a leaked string")
    names = await audit_devices.devices(act.session)
    hashes = [await audit_devices.hash_by(act.session, name, value) for name in names]
    searched = await asyncio.to_thread(leaks.search, view.place.logs, hashes, view.place.layout)
    hits = await asyncio.to_thread(_hits, view, searched)
    return LeakReport(hits=hits, devices=names, lines=searched.lines, note=NOTE)


def _hits(view: AuditView, searched: leaks.Searched) -> list[LeakHit]:
    hits = [
        LeakHit(
            event=(view.event_of(found.group, request) if found.group is not None else None) or _bare(view, found),
            sent=bool(found.sent),
            answered=bool(found.answered),
            fields=sorted(found.sent | found.answered),
        )
        for request, found in searched.found.items()
    ]
    return sorted(hits, key=lambda hit: hit.event.time, reverse=True)


def _bare(view: AuditView, found: leaks.Carried) -> Event:
    """A request outside STATUS's places, as an event."""
    line = found.line
    actor = actor_of(line.auth, view.place.layout)
    return Event(
        time=iso_time(nanoseconds(line.time)),
        actor=actor.name,
        actor_kind=actor.kind,
        act=EventAct.OTHER,
        secret=line.request.path,
        component=actor.component or None,
        address=line.request.remote_address or None,
        outcome=Outcome.UNKNOWN if line.type == "request" else Outcome.FAILED if line.error else Outcome.DONE,
        request_ids=[line.request.id],
    )
