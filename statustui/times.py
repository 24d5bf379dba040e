"""Times as people read them: relative in lists, exact in details. Pure: `now` and the time zone are given."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from statustui.wording import DASH

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _amount(seconds: float) -> str:
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h"
    return f"{int(seconds // _DAY)} d"


def _date(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    local = moment.astimezone(zone)
    month = MONTHS[local.month - 1]
    return f"{local.day} {month}" if local.year == now.astimezone(zone).year else f"{month} {local.year}"


def short(moment: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """At most eight cells, for a column: `now`, `4 min`, `2 h`, `6 d`, `3 Mar`, `Mar 2024`; a dash for no time."""
    if moment is None:
        return DASH
    past = (now - moment).total_seconds()
    if past < _MINUTE:
        return "now" if past > -_MINUTE else _date(moment, now, zone)
    return _amount(past) if past < 7 * _DAY else _date(moment, now, zone)


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `4 min ago`, `12 d ago`, or `in 4 min` for what is still to come."""
    past = (now - moment).total_seconds()
    if past < -_MINUTE:
        return f"in {_amount(-past)}"
    return "just now" if past < _MINUTE else f"{_amount(past)} ago"


def exact(moment: datetime, zone: tzinfo | None = None) -> str:
    """`2026-11-23 09:12:00`, in the given zone (None: the machine's)."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def zoned(moment: datetime, zone: tzinfo | None = None) -> str:
    """The exact time with the name of its zone: `2026-11-23 09:12:00 UTC`."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def both(moment: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """The exact time and how long ago that is."""
    return DASH if moment is None else f"{zoned(moment, zone)} · {ago(moment, now)}"


def left(until: datetime, now: datetime) -> str:
    """What remains of a session: `58 min left`, `ended`."""
    seconds = (until - now).total_seconds()
    if seconds <= 0:
        return "ended"
    if seconds < _MINUTE:
        return "under 1 min left"
    if seconds < 2 * _HOUR:
        return f"{int(seconds // _MINUTE)} min left"
    return f"{_amount(seconds)} left"


def span(text: str) -> timedelta | None:
    """`12h`, `30d`, `4w` as a duration; None for anything else."""
    unit = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}.get(text[-1:])
    digits = text[:-1]
    return int(digits) * unit if unit and digits.isascii() and digits.isdigit() and len(digits) <= 5 else None
