"""A secret's details as they stand in `custom_metadata`: plain strings that a person can set with the CLI."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from adapter.errors import Invalid
from adapter.model.records import iso, parse_time
from adapter.model.text import check_line

TYPE = "type"
DESCRIPTION = "description"
EXPIRES_AT = "expires_at"
ROTATE_EVERY = "rotate_every"
TAGS = "tags"
USAGE = "usage"
CREATED_BY = "created_by"

UNCLASSIFIED = "custom"
"""What an entry without a `type` is shown as."""

_INTERVAL = re.compile(r"[1-9][0-9]{0,4}[dw]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def expiry_of(text: str) -> datetime | None:
    """A date (its last second, UTC) or an ISO 8601 time; None for what is neither."""
    return parse_time(f"{text}T23:59:59Z" if _DATE.fullmatch(text) else text)


def check_expiry(text: str, now: datetime) -> str:
    """An expiry that is still to come. Raises Invalid."""
    moment = expiry_of(text)
    if moment is None:
        hint = "Write it as 2027-06-30 or 2027-06-30T12:00:00Z."
        raise Invalid.field("expiresAt", "The expiry is no date.", hint=hint)
    if moment <= now:
        raise Invalid.field("expiresAt", "The expiry is in the past.", hint="Choose a date that is still to come.")
    return iso(moment)


def interval_of(text: str) -> timedelta | None:
    """How often the value is to be changed; None for what is no number of days or weeks."""
    if not _INTERVAL.fullmatch(text):
        return None
    return timedelta(days=int(text[:-1]) * (7 if text.endswith("w") else 1))


def check_interval(text: str) -> str:
    """How often the value is to be changed: a number of days or weeks, `90d`. Raises Invalid."""
    if not _INTERVAL.fullmatch(text):
        raise Invalid.field("rotateEvery", "The rotation interval is not valid.", hint="Write days or weeks: 90d, 12w.")
    return text


def join_tags(tags: Iterable[str]) -> str:
    """The tags as one metadata value, each once, in order. Raises Invalid."""
    cleaned = [tag.strip() for tag in tags]
    if any("," in tag for tag in cleaned):
        raise Invalid.field("tags", "A tag may not contain ','.", hint="Send a list of tags.")
    return check_line("tags", "list of tags", ",".join(dict.fromkeys(tag for tag in cleaned if tag)))


def split_tags(text: str) -> list[str]:
    return [tag for tag in (part.strip() for part in text.split(",")) if tag]


def check_description(text: str) -> str:
    return check_line("description", "description", text.strip())


def check_usage(text: str) -> str:
    return check_line("usage", "usage note", text.strip())
