"""The rows of each report. Pure: what is known is given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from adapter.audit.counts import DAY, Counted, OfDay
from adapter.audit.events import iso_time
from adapter.model.audit import EventAct, Outcome
from adapter.model.details import interval_of
from adapter.model.records import iso, parse_time
from adapter.model.reports import Cell, ReportColumn
from adapter.model.wire import SecretView

_USES = frozenset({EventAct.USED, EventAct.WRAPPED, EventAct.DECRYPTED})
_LOOKS = frozenset({EventAct.VIEWED, EventAct.SIGNED_IN, EventAct.SIGNED_OUT})
MOST_DAYS = 3660
"""Days of an activity report: without events, a day is a row all the same."""


@dataclass(frozen=True, slots=True)
class Made:
    """`about` is a sentence that says what the rows are."""

    about: str
    columns: Sequence[ReportColumn]
    rows: list[dict[str, Cell]]


def _column(key: str, label: str, kind: str = "text") -> ReportColumn:
    return ReportColumn(key=key, label=label, kind=kind)


_SECRET = (_column("secret", "Secret"), _column("type", "Type"))


def _row(secret: SecretView, **more: Cell) -> dict[str, Cell]:
    return {"secret": f"{secret.scope}/{secret.name}" if secret.scope else secret.name, "type": secret.type, **more}


def unused(secrets: Iterable[SecretView], now: datetime, days: int) -> Made:
    """Secrets as old as that whose value nothing read in that time."""
    limit = now - timedelta(days=days)
    rows = [
        _row(one, createdAt=one.created_at, lastUsedAt=one.last_used_at, usage=one.usage)
        for one in secrets
        if _before(one.created_at, limit) and (one.last_used_at is None or _before(one.last_used_at, limit))
    ]
    return Made(
        f"Secrets made {days} days ago or earlier whose value was not read in the last {days} days, as far as the "
        "audit log is known.",
        (*_SECRET, _time("createdAt", "Created"), _time("lastUsedAt", "Last used"), _column("usage", "Usage")),
        rows,
    )


def never_rotated(secrets: Iterable[SecretView], now: datetime, days: int) -> Made:
    limit = now - timedelta(days=days)
    rows = [
        _row(one, createdAt=one.created_at, createdBy=one.created_by, days=_days_since(one.created_at, now))
        for one in secrets
        if one.version == 1 and _before(one.created_at, limit)
    ]
    older = f", made {days} days ago or earlier" if days else ""
    return Made(
        f"Secrets that still have their first value{older}.",
        (*_SECRET, _time("createdAt", "Created"), _column("createdBy", "By"), _column("days", "Days old", "number")),
        sorted(rows, key=lambda row: str(row["createdAt"])),
    )


def expiring(secrets: Iterable[SecretView], now: datetime, days: int) -> Made:
    limit = now + timedelta(days=days)
    rows = [
        _row(one, expiresAt=one.expires_at, daysLeft=_days_to(one.expires_at, now), lastUsedAt=one.last_used_at)
        for one in secrets
        if _before(one.expires_at or "", limit) or "expiry_unreadable" in one.flags
    ]
    return Made(
        f"Secrets that have expired, or do within {days} days; and at the end those whose expiry cannot be read.",
        (
            *_SECRET,
            _time("expiresAt", "Expires"),
            _column("daysLeft", "Days left", "number"),
            _time("lastUsedAt", "Last used"),
        ),
        sorted(rows, key=lambda row: (row["expiresAt"] is None, str(row["expiresAt"]))),
    )


def rotation_due(secrets: Iterable[SecretView], now: datetime, days: int) -> Made:
    rows = []
    for one in secrets:
        due = _due(one)
        facts: dict[str, Cell] = {"rotateEvery": one.rotate_every, "rotatedAt": one.rotated_at}
        if due is None and one.rotate_every:
            rows.append(_row(one, **facts, dueAt=None, days=None))
        elif due is not None and due <= now + timedelta(days=days):
            rows.append(_row(one, **facts, dueAt=iso(due), days=(now - due).days))
    soon = f", or will be within {days} days" if days else ""
    return Made(
        f"Secrets whose value should have been replaced by now, by their own interval{soon}; and at the end "
        "those whose interval cannot be read.",
        (
            *_SECRET,
            _column("rotateEvery", "Every"),
            _time("rotatedAt", "Last rotated"),
            _time("dueAt", "Due"),
            _column("days", "Days over", "number"),
        ),
        sorted(rows, key=lambda row: (row["dueAt"] is None, str(row["dueAt"]))),
    )


def access(counted: Iterable[Counted]) -> Made:
    """By scope and actor, whoever uses most first."""
    groups: defaultdict[tuple[str, str, str], list[Counted]] = defaultdict(list)
    for one in counted:
        groups[one.scope, one.actor, one.kind].append(one)
    rows: list[dict[str, Cell]] = [
        {
            "scope": scope,
            "actor": actor,
            "actorKind": kind,
            **_tally((one.act, one.outcome, one.count) for one in group),
            "first": iso_time(min(one.first for one in group)),
            "last": iso_time(max(one.last for one in group)),
        }
        for (scope, actor, kind), group in groups.items()
    ]
    rows.sort(key=lambda row: (str(row["scope"]), -int(row["uses"] or 0), str(row["actor"])))
    columns = (_column("scope", "Scope"), _column("actor", "Who"), _column("actorKind", "What"), *_TALLY)
    return Made(
        "Who did what in each scope: values read, things changed, attempts that were denied.",
        (*columns, _time("first", "First"), _time("last", "Last")),
        rows,
    )


def activity(counted: Iterable[OfDay], start: int, end: int) -> Made:
    """A row for each day, also for those on which nothing happened."""
    days: defaultdict[int, list[OfDay]] = defaultdict(list)
    for one in counted:
        days[one.day].append(one)
    last = end // DAY
    first = max(start // DAY, min(days, default=last), last - MOST_DAYS)
    rows: list[dict[str, Cell]] = [
        {
            "day": (date(1970, 1, 1) + timedelta(days=day)).isoformat(),
            **_tally((one.act, one.outcome, one.count) for one in days.get(day, ())),
        }
        for day in range(first, last + 1)
    ]
    return Made(
        "What was done on each day (UTC), from the first one that is known.", (_column("day", "Day"), *_TALLY), rows
    )


_TALLY = (
    _column("uses", "Uses", "number"),
    _column("changes", "Changes", "number"),
    _column("looks", "Looked at", "number"),
    _column("denied", "Denied", "number"),
    _column("failed", "Failed", "number"),
)


def _tally(counts: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """What has an unknown end counts as done: it may have taken place."""
    found = {column.key: 0 for column in _TALLY}
    for act, outcome, count in counts:
        if outcome in (Outcome.DENIED, Outcome.FAILED):
            found[outcome] += count
        elif act in _USES:
            found["uses"] += count
        else:
            found["looks" if act in _LOOKS else "changes"] += count
    return found


def _time(key: str, label: str) -> ReportColumn:
    return _column(key, label, "time")


def _before(text: str, limit: datetime) -> bool:
    moment = parse_time(text)
    return moment is not None and moment <= limit


def _days_since(text: str, now: datetime) -> int | None:
    moment = parse_time(text)
    return (now - moment).days if moment else None


def _days_to(text: str | None, now: datetime) -> int | None:
    """Whole days that are left; negative once it has passed."""
    moment = parse_time(text or "")
    return (moment - now).days if moment else None


def _due(secret: SecretView) -> datetime | None:
    rotated, every = parse_time(secret.rotated_at), interval_of(secret.rotate_every or "")
    with suppress(OverflowError):
        return rotated + every if rotated and every else None
    return None
