"""The mark of a rename or move that is going on: on both places, in `custom_metadata`, until the old one is gone.

While a place carries one, neither reads nor changes of it are answered. A rename within a scope names its other place
in the mark; a move between scopes has an entry of its own for that, which ADMINs alone can write (`journal`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

from adapter.errors import Conflict
from adapter.model.address import Address, is_possible_path
from adapter.model.intents import CLOCKS_DIFFER, CREATING
from adapter.model.intents import PREFIX as PENDING
from adapter.model.records import VersionRecord, decode_note, encode_note, parse_time
from adapter.model.text import METADATA_VALUE_BYTES, check_line

PREFIX = "moving_"
_KEY = re.compile(PREFIX + "([0-9a-f]{12})")
OTHER = "_other"

RENAMED = "renamed"
"""Who renamed or moved a secret last, when and why; up to version `to` the versions are copies."""

RENAMED_FROM = "renamed_from"
"""The address before the last rename within the scope."""

CREATED_AT = "created_at"
"""When a secret was created that has been copied to another place since."""

COPIED_TIMES = "copied_times"
"""When versions that a rename has copied were made: the first one's number, its time, then the span to each next one,
in milliseconds since 1970."""

JOURNAL_FOLDER = ".scopes/.moves"
"""Where moves between scopes are written down; nobody but ADMIN may write, or read, there."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

UNDER_WAY_FOR = timedelta(minutes=1)
"""An act token lives for half of that, so a mark that is older belongs to a rename that ended early."""


def half_done() -> Conflict:
    return Conflict(
        "The secret is being renamed or moved, and that is only half done.",
        hint="Try again shortly. When it lasts, somebody who may rename it opens it, or an ADMIN runs: "
        "status-secrets doctor --repair",
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """`record`: who began it, when and why; `since`: when it was begun or taken up last.

    `new`: this is the new place. `complete`: it has everything, so it counts as soon as the old one is gone. `other`:
    the other place, None for a move between scopes.
    """

    id: str
    record: VersionRecord
    since: str
    new: bool = False
    complete: bool = False
    other: Address | None = None

    @property
    def key(self) -> str:
        return PREFIX + self.id

    @property
    def journal(self) -> Address:
        return Address(f"{JOURNAL_FOLDER}/{self.id}")

    def encode(self) -> dict[str, str]:
        """What stands at the place. Raises Invalid when the reason or the other place's address is too long."""
        flags = {name: True for name in ("new", "complete") if getattr(self, name)}
        found = {self.key: self.record.encode(before={"since": self.since, **flags})}
        if self.other is not None:
            found[self.key + OTHER] = check_line("name", "address", self.other.path)
        return found

    def is_under_way(self, now: datetime) -> bool:
        """Whether somebody may still be at it."""
        since = parse_time(self.since)
        return since is not None and now - UNDER_WAY_FOR <= since <= now + CLOCKS_DIFFER


def find_mark(custom: Mapping[str, str]) -> Mark | None:
    """The mark that stands at a place; None for none, and for what is none of ours."""
    for key in sorted(custom):
        match = _KEY.fullmatch(key)
        record, note = VersionRecord.decode(custom[key]), decode_note(custom[key])
        other = custom.get(key + OTHER)
        if match and record and isinstance(note.get("since"), str) and (other is None or is_possible_path(other)):
            since, new, complete = str(note["since"]), note.get("new") is True, note.get("complete") is True
            return Mark(match[1], record, since, new, complete, Address(other) if other else None)
    return None


def mark_keys(custom: Mapping[str, str]) -> list[str]:
    """The keys of every mark, whole or not."""
    return [key for key in custom if key.startswith(PREFIX)]


def lasting(custom: Mapping[str, str]) -> dict[str, str]:
    """What of an entry is carried to another place: all but the traces of acts that are going on."""
    return {key: text for key, text in custom.items() if not key.startswith((PREFIX, PENDING)) and key != CREATING}


def renamed_note(record: VersionRecord, versions: int) -> str:
    """The lasting trace of a rename; versions up to `versions` are copies, whose times stand in their records."""
    body = {"by": record.by, "at": record.at, **({"why": record.why} if record.why else {}), "op": record.op.value}
    return encode_note({**body, "to": versions})


def copied_up_to(custom: Mapping[str, str]) -> int:
    """The newest version that a rename has copied; 0 for none."""
    note = decode_note(custom.get(RENAMED, ""))
    to = note.get("to")
    return to if type(to) is int else 0


def encode_times(times: Mapping[int, datetime]) -> str:
    """As many of the newest, in a row, as fit into one metadata value."""
    numbers = sorted(times)
    while numbers:
        ticks = [(times[number] - _EPOCH) // _MILLISECOND for number in numbers]
        spans = [after - before for before, after in pairwise(ticks)]
        text = " ".join(map(str, [numbers[0], ticks[0], *spans]))
        if len(text) <= METADATA_VALUE_BYTES and numbers[-1] - numbers[0] == len(spans):
            return text
        numbers = numbers[1:]
    return ""


def decode_times(text: str) -> dict[int, datetime]:
    """The inverse; empty for what a person may have written there."""
    try:
        first, tick, *spans = map(int, text.split())
        ticks = accumulate([tick, *spans])
        return {number: _EPOCH + moment * _MILLISECOND for number, moment in enumerate(ticks, first)}
    except (ValueError, OverflowError):
        return {}
