"""Reports for whoever has to show what is so: about the secrets as they are, and about what was done with them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapter.audit.criteria import moment_of, nanoseconds_of
from adapter.audit.view import AuditView
from adapter.errors import Invalid, NotFound
from adapter.model.audit import Reading
from adapter.model.records import iso, parse_time
from adapter.model.reports import TITLES, Report, ReportName
from adapter.service import report_rows
from adapter.service.app import Act
from adapter.service.auditing import audit_view, only_admin
from adapter.service.listing import Filter, list_secrets

MOST_DAYS = 3650
LIVE = timedelta(seconds=5)
"""A view that is no further behind than that follows the log as it grows."""

_DEFAULT_DAYS = {ReportName.UNUSED: 90, ReportName.EXPIRING: 30}


@dataclass(frozen=True, slots=True)
class Asked:
    """`days`: the reach of a report about now; `start` and `end`, a time or a span before now, of one about a time."""

    days: int | None = None
    start: str | None = None
    end: str | None = None


async def report(act: Act, name: str, asked: Asked) -> Report:
    """Raises NotFound (no such report; no audit view), NotAllowed, Invalid, Unreachable."""
    if name not in set(ReportName):
        raise NotFound("There is no such report.", hint=f"There are: {', '.join(ReportName)}.")
    await only_admin(act, "Making a report")
    chosen = ReportName(name)
    if chosen in (ReportName.ACCESS_PER_SCOPE, ReportName.ACTIVITY):
        return await _of_a_time(act, chosen, asked)
    return await _of_now(act, chosen, asked)


async def _of_now(act: Act, name: ReportName, asked: Asked) -> Report:
    days = _DEFAULT_DAYS.get(name, 0) if asked.days is None else asked.days
    if not 0 <= days <= MOST_DAYS:
        raise Invalid.field("days", "That is no number of days.", hint=f"Write 0 to {MOST_DAYS}.")
    if name is ReportName.UNUSED:
        audit_view(act)  # without it, nothing is known of any use
    secrets, _ = await list_secrets(act, Filter())
    make = {
        ReportName.UNUSED: report_rows.unused,
        ReportName.NEVER_ROTATED: report_rows.never_rotated,
        ReportName.EXPIRING: report_rows.expiring,
        ReportName.ROTATION_DUE: report_rows.rotation_due,
    }[name]
    made = make(secrets, act.now, days)
    since = next((one.last_used_known_since for one in secrets if one.last_used_known_since), None)
    begin = act.now - timedelta(days=days) if name is ReportName.UNUSED else None
    notes = await _notes(act, begin, since) if act.services.audit is not None else []
    return await _report(act, name, made, notes, known_since=since)


async def _of_a_time(act: Act, name: ReportName, asked: Asked) -> Report:
    view = audit_view(act)
    start = moment_of("from", asked.start or "30d", act.now)
    end = min(moment_of("to", asked.end or iso(act.now), act.now, ends=True), nanoseconds_of(act.now))
    if start > end:
        raise Invalid.field("from", "The time ends before it begins.", hint="Give an earlier from, or a later to.")
    if name is ReportName.ACTIVITY:
        made = report_rows.activity(await asyncio.to_thread(view.by_day, start, end), start, end)
    else:
        made = report_rows.access(await asyncio.to_thread(view.counted, start, end))
    since = await asyncio.to_thread(view.since)
    begin = datetime.fromisoformat(_iso(start)) if asked.start else None
    return await _report(
        act, name, made, await _notes(act, begin, since), start=_iso(start), end=_iso(end), known_since=since
    )


async def _notes(act: Act, begin: datetime | None, since: str | None) -> list[str]:
    """What the log does not say of the time from `begin` on, and what of it the view has not read yet."""
    reading = await _read_through(audit_view(act))
    known, notes = parse_time(since or ""), []
    if begin is not None and known is not None and known > begin:
        notes.append(
            "The time that it is about begins before the audit log does: what was done until then is not in it."
        )
    until = parse_time(reading.until or "")
    if reading.behind_bytes and (until is None or until < act.now - LIVE):
        notes.append(f"{reading.behind_bytes / 1e6:.1f} MB of the audit log were not read yet when this was made.")
    return [*notes, reading.problem] if reading.problem else notes


async def _read_through(view: AuditView) -> Reading:
    """How far the log is read, once the lines are that asking for a report has left in it."""
    for _ in range(20):
        reading = await asyncio.to_thread(view.reading)
        if not reading.behind_bytes:
            break
        await asyncio.sleep(0.05)
    return reading


def _iso(nanoseconds: int) -> str:
    return iso(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=nanoseconds // 1000))


async def _report(act: Act, name: ReportName, made: report_rows.Made, notes: list[str], **times: str | None) -> Report:
    identity = await act.identity()
    return Report(
        name=name,
        title=TITLES[name],
        about=made.about,
        made_at=iso(act.now),
        made_by=identity.name,
        notes=notes,
        columns=list(made.columns),
        rows=made.rows,
        **times,
    )
