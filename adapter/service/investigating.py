"""What an ADMIN asks after an incident: who could have a value, what somebody touched, what the log's lines say."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence

from adapter.audit.criteria import Criteria, moment_of, secret_path
from adapter.audit.raw_lines import lines_of
from adapter.audit.storage import Dim
from adapter.audit.view import AuditView
from adapter.errors import Invalid, NotAllowed, NotFound
from adapter.model.audit import (
    TEMPORARY,
    Event,
    EventAct,
    Investigation,
    Outcome,
    RawLines,
    Touched,
    Use,
)
from adapter.model.rights import TemporaryView
from adapter.service.app import Act
from adapter.service.auditing import audit_view, only_admin
from adapter.service.temporary import list_temporary

HANDED_OUT = (EventAct.USED.value, EventAct.WRAPPED.value, EventAct.BACKED_UP.value)
"""Who made a backup has the values in a file."""

WRITTEN = (EventAct.CREATED.value, EventAct.UPDATED.value, EventAct.RESTORED.value)
"""Whose author had the value; a rollback copies it for somebody who may not read it."""

MAY_HAVE_HAPPENED = (Outcome.DONE.value, Outcome.UNKNOWN.value)

_REQUEST = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

MOST_EVENTS = 100_000
"""Events that are looked at."""


async def investigate(act: Act, secret: str | None, actor: str | None, component: str | None) -> Investigation:
    """Everyone who could have a secret's value; or all that one actor or component touched. ADMIN only.

    Raises Invalid, NotAllowed, NotFound (no view), Unreachable.
    """
    if sum(one is not None for one in (secret, actor, component)) != 1:
        raise Invalid("Name one of: secret, actor, component.", hint="Ask once for each.")
    view = audit_view(act)
    await only_admin(act, "Investigating")
    if secret is not None:
        path = secret_path(secret)
        found = await asyncio.to_thread(_of_secret, view, path)
        return found.model_copy(update={"may_read": await _may_read(act, path)})
    if actor is not None:
        return await asyncio.to_thread(_of_somebody, view, "actor", actor)
    return await asyncio.to_thread(_of_somebody, view, "component", component or "")


def _of_secret(view: AuditView, secret: str) -> Investigation:
    words = {Dim.SECRET: (secret,), Dim.ACT: HANDED_OUT, Dim.OUTCOME: MAY_HAVE_HAPPENED}
    events = view.every(Criteria(words), MOST_EVENTS)
    written = view.every(Criteria(words | {Dim.ACT: WRITTEN}), MOST_EVENTS)
    made = view.made(secret)
    return Investigation(
        subject=secret,
        kind="secret",
        known_since=_known_since(view, events),
        rotated_at=made[0].event.time if made else None,
        uses=_uses(events),
        wrote=_uses(written),
    )


async def _may_read(act: Act, secret: str) -> list[TemporaryView] | None:
    """Temporary access to a secret that has not ended."""
    try:
        return [given for given in await list_temporary(act) if given.address == secret]
    except NotAllowed:  # somebody who may see the log and no policies
        return None


def _of_somebody(view: AuditView, kind: str, name: str) -> Investigation:
    """By the name as it is: a filter would take a comma in it for two names."""
    dim = Dim.ACTOR if kind == "actor" else Dim.COMPONENT
    every = view.every(Criteria({dim: (name,)}), MOST_EVENTS)
    events = [event for event in every if event.secret is not None]
    used = [event for event in events if event.act in HANDED_OUT and event.outcome in MAY_HAVE_HAPPENED]
    return Investigation(
        subject=name,
        kind="actor" if kind == "actor" else "component",
        known_since=_known_since(view, every),
        uses=_uses(used),
        touched=_touched(events),
    )


def _known_since(view: AuditView, events: Sequence[Event]) -> str | None:
    """From when on nothing is left out: of very many events, only the newest were looked at."""
    return events[-1].time if len(events) == MOST_EVENTS else view.since()


def _uses(events: Iterable[Event]) -> list[Use]:
    """Uses of one actor from one place through one client as one, newest first; `events` are newest first."""
    groups = _grouped(
        events,
        lambda e: (
            *(e.actor, e.actor_kind, e.component, e.address, e.client, e.secret, e.version, e.act),
            _is_given(e),
        ),
    )
    return [
        Use(
            act=group[0].act,
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
            temporary=_is_given(group[0]),
        )
        for group in groups
    ]


def _is_given(event: Event) -> bool:
    return event.role == TEMPORARY


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
