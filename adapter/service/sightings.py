"""What is seen of a scope's secrets at one look, and what happened between two."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from adapter.model.address import Address
from adapter.model.moves import RENAMED_FROM
from adapter.service.listing import complete_marks, is_double, is_unfinished
from adapter.service.views import version_state
from adapter.vault.answers import Metadata

Kind = Literal["version", "deleted", "moved"]

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")


@dataclass(frozen=True, slots=True)
class Change:
    """`time`: the newest version's that was seen, in nanoseconds since 1970. `to`: where a secret was moved."""

    kind: Kind
    address: Address
    version: int
    time: int
    to: Address | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A secret's current version; `renamed_from`: the address that it had before."""

    version: int
    time: int
    readable: bool
    renamed_from: str


Snapshot = dict[Address, Seen]


def nanoseconds(text: str) -> int:
    """Vault's time as nanoseconds since 1970; 0 for what is none."""
    match = _TIME.fullmatch(text)
    if match is None:
        return 0
    seconds = int(datetime.fromisoformat(match[1] + "+00:00").timestamp())
    return seconds * 10**9 + int((match[2] or "").ljust(9, "0"))


def snapshot(entries: Iterable[tuple[Address, Metadata]], now: datetime) -> Snapshot:
    """The secrets among a scope's entries; of a half done rename the place that counts."""
    listed = list(entries)
    complete = complete_marks(entry for _, entry in listed)
    return {
        address: _seen(entry, now)
        for address, entry in listed
        if entry.current_version and not is_unfinished(entry) and not is_double(entry, complete)
    }


def _seen(entry: Metadata, now: datetime) -> Seen:
    current = entry.versions.get(str(entry.current_version))
    readable = current is not None and version_state(current, now, current=True) == "current"
    time = nanoseconds(current.created_time if current else entry.updated_time)
    return Seen(entry.current_version, time, readable, entry.custom.get(RENAMED_FROM, ""))


def changes(before: Snapshot, after: Snapshot, newest: int) -> list[Change]:
    """What happened between two looks; `newest` is the time of the newest version that was seen before them."""
    found: list[Change] = []
    moved: set[Address] = set()
    for address, seen in sorted(after.items(), key=lambda item: item[1].time):
        old, source = before.get(address), Address(seen.renamed_from)
        newest = max(newest, seen.time)
        if old is None and source in before and source not in after:
            moved.add(source)
            found.append(Change("moved", source, seen.version, newest, address))
        elif old is not None and old.readable and not seen.readable and old.version == seen.version:
            found.append(Change("deleted", address, seen.version, newest))
        elif seen.readable and (old is None or old.version != seen.version or not old.readable):
            found.append(Change("version", address, seen.version, newest))
    gone = [address for address in before if address not in after and address not in moved]
    return found + [Change("deleted", address, before[address].version, newest) for address in gone]


def newest_of(seen: Snapshot) -> int:
    return max((one.time for one in seen.values()), default=0)
