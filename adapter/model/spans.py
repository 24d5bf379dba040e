"""Spans of time as callers write them: `90s`, `30m`, `8h`, `2d`."""

from __future__ import annotations

import re

from adapter.errors import Invalid

_SPAN = re.compile(r"([0-9]{1,7})([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def check_span(field: str, text: str, most: int) -> int:
    """The seconds, from 1 to `most`. Raises Invalid, with the limit."""
    match = _SPAN.fullmatch(text)
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not 1 <= seconds <= most:
        raise Invalid.field(
            field, f"That is no span of time of 1 second to {in_words(most)}.", hint="Write 90s, 30m, 8h or 2d."
        )
    return seconds


def in_words(seconds: int) -> str:
    """The largest unit that fits: `5 minutes`."""
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0 and seconds:
            return f"{seconds // size} {word}{'' if seconds == size else 's'}"
    return f"{seconds} seconds"
