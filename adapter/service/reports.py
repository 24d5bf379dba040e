"""Reports for whoever has to show what is so: about the secrets as they are, and about what was done with them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapter.audit.criteria import moment_of
from adapter.errors import Invalid, NotFound
from adapter.model.records import iso
from adapter.model.reports import TITLES, Report, ReportName
from adapter.service import report_rows
from adapter.service.app import Act
from adapter.service.auditing import audit_view, only_admin
from adapter.service.listing import Filter, list_secrets

MOST_DAYS = 3650
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
    return await _report(act, name, made, known_since=since)


async def _of_a_time(act: Act, name: ReportName, asked: Asked) -> Report:
    view = audit_view(act)
    start = moment_of("from", asked.start or "30d", act.now)
    end = moment_of("to", asked.end, act.now) if asked.end else moment_of("to", iso(act.now), act.now)
    if start > end:
        raise Invalid.field("from", "The time ends before it begins.", hint="Give an earlier from, or a later to.")
    if name is ReportName.ACTIVITY:
        made = report_rows.activity(await asyncio.to_thread(view.by_day, start, end), start, end)
    else:
        made = report_rows.access(await asyncio.to_thread(view.counted, start, end))
    since = await asyncio.to_thread(view.since)
    return await _report(act, name, made, start=_iso(start), end=_iso(end), known_since=since)


def _iso(nanoseconds: int) -> str:
    return iso(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=nanoseconds // 1000))


async def _report(act: Act, name: ReportName, made: report_rows.Made, **times: str | None) -> Report:
    identity = await act.identity()
    return Report(
        name=name,
        title=TITLES[name],
        about=made.about,
        made_at=iso(act.now),
        made_by=identity.name,
        columns=list(made.columns),
        rows=made.rows,
        **times,
    )
