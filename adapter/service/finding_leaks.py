"""Where a string came by that was found somewhere: the vault hashes it for the ADMIN who asks, the log is searched."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from pydantic import SecretStr

from adapter.audit import leaks
from adapter.audit.actors import actor_of
from adapter.audit.events import iso_time
from adapter.audit.lines import nanoseconds
from adapter.audit.view import AuditView
from adapter.errors import Invalid, Unreachable
from adapter.model.audit import Event, EventAct, LeakHit, LeakReport, Outcome
from adapter.service.app import Act
from adapter.service.auditing import audit_view, only_admin
from adapter.vault import audit_devices

LONGEST = 1_000_000
"""Characters of a string that is looked for."""

NOTE = (
    "Only whole strings are found, as they were sent or answered: a part of one has another hash; a line break at its"
    " end makes no difference. Not found is what is not in the log any more, and what an audit device logged that is"
    " not enabled any more: each has a key of its own."
)

ENDINGS = ("", "\n", "\r\n")
"""How a string may end that was found: a key's file has a line break that its copy has not, or the other way round."""


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
    spellings = [SecretStr(value.get_secret_value().rstrip("\r\n") + ending) for ending in ENDINGS]
    spellings = [one for one in dict.fromkeys([value, *spellings]) if one.get_secret_value()]
    hashes = [await audit_devices.hash_by(act.session, name, one) for name in names for one in spellings]
    searched = await asyncio.to_thread(leaks.search, view.place.logs, hashes, view.place.layout)
    hits = await asyncio.to_thread(_hits, view, searched)
    return LeakReport(hits=hits, devices=names, lines=searched.lines, note=_note(searched))


def _note(searched: leaks.Searched) -> str:
    left_out = f"{searched.left_out} more requests, between the first and the last of these, carry it too."
    damaged = f"{searched.damaged} damaged lines of the log carry it too."
    return " ".join([left_out] * bool(searched.left_out) + [damaged] * bool(searched.damaged) + [NOTE])


def _hits(view: AuditView, searched: leaks.Searched) -> list[LeakHit]:
    hits = [
        LeakHit(
            event=_event(view, request, found),
            sent=bool(found.sent),
            answered=bool(found.answered),
            fields=sorted(found.sent | found.answered),
        )
        for request, found in searched.found.items()
    ]
    return sorted(hits, key=lambda hit: hit.event.time, reverse=True)


def _event(view: AuditView, request: str, found: leaks.Carried) -> Event:
    """As the view has it; of what the view has not, or not yet, what its lines say."""
    fact = found.fact
    if fact is None:
        return _bare(view, found)
    with suppress(Unreachable):
        known = view.event_of(fact.group, request)
        if known is not None:
            return known
    return Event(
        time=iso_time(fact.time),
        actor=fact.actor,
        actor_kind=fact.kind,
        role=fact.role or None,
        act=fact.act,
        secret=fact.secret or None,
        version=fact.version or None,
        scope=fact.scope or None,
        reason=fact.reason or None,
        component=fact.component or None,
        client=fact.client or None,
        address=fact.address or None,
        outcome=fact.outcome,
        flags=list(fact.flags),
        request_ids=[request],
    )


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
