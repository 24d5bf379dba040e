"""What the forms check while one types. Pure; the server checks again."""

from __future__ import annotations

import re
from datetime import datetime

from adapter.errors import Invalid
from adapter.model.details import check_interval
from adapter.model.records import iso, parse_time
from adapter.model.text import check_line
from statustui.times import span

TAGS_SEPARATOR = ","
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAYS_END = "T23:59:59+00:00"


def read_expiry(text: str, now: datetime) -> str | None:
    """A date (`2027-03-01`: the API takes it to that day's end, UTC) or a time from now (`90d`) as the API has it.

    None for an empty text. Raises Invalid.
    """
    text = text.strip()
    if not text:
        return None
    length = span(text)
    is_date = bool(_DATE.fullmatch(text))
    try:
        moment = now + length if length is not None else datetime.fromisoformat(text + _DAYS_END * is_date).astimezone()
    except (ValueError, OverflowError):
        raise Invalid.field(
            "expiresAt", "That is no date.", hint="Write 2027-03-01, or 90d for 90 days from now."
        ) from None
    if moment <= now:
        raise Invalid.field("expiresAt", "That date has passed.")
    return text if is_date else iso(moment)


def expiry_text(expires_at: str | None) -> str:
    """An expiry as one would type it: the date alone where it is that day's end, else the time in UTC."""
    moment = parse_time(expires_at) if expires_at else None
    if moment is None:
        return ""
    ends_day = (moment.hour, moment.minute, moment.second) == (23, 59, 59)
    return moment.strftime("%Y-%m-%d" if ends_day else "%Y-%m-%dT%H:%M:%SZ")


def read_tags(text: str) -> list[str]:
    """Tags between commas, each once, in their order. Raises Invalid."""
    check_line("tags", "list of tags", text.strip())
    return list(dict.fromkeys(tag.strip() for tag in text.split(TAGS_SEPARATOR) if tag.strip()))


def check_value(text: str) -> None:
    """Raises Invalid for a value of nothing but white space."""
    if not text.strip():
        raise Invalid.field("value", "The value is empty.")


def describe_value(text: str) -> str:
    """What can be said about a value without showing it; for values of several lines, that they are."""
    lines = text.count("\n") + 1
    return f"{lines} lines, {len(text)} characters." if lines > 1 else ""


def check_rotation(text: str) -> str:
    """How often the value is to be changed, `90d`; empty for never. Raises Invalid."""
    return check_interval(text.strip()) if text.strip() else ""
