"""The writer's view of the segments: which one an event of a time goes to, and the bitmaps of its words."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from adapter.audit.storage import POSITION_BITS, SEGMENT, Dim

KEPT = 50_000
"""Bitmaps that stay in memory between two batches."""


@dataclass(slots=True)
class Segment:
    """`start` and `newest` are times in nanoseconds; `late`: how much older than `newest` an event was when it came."""

    id: int
    start: int
    n: int = 0
    newest: int = -(2**63)
    late: int = 0

    def take(self, time: int) -> int:
        """The id of a new event of that time."""
        position = self.n
        self.n += 1
        if time >= self.newest:
            self.newest = time
        else:
            self.late = max(self.late, self.newest - time)
        self.start = min(self.start, time)
        return self.id << POSITION_BITS | position


class Segments:
    """All segments in the order of time. Changes are kept until `write`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT id, start, n, newest, late FROM segments ORDER BY start")
        self._all = [Segment(*row) for row in rows]
        self._starts = [segment.start for segment in self._all]
        self._next = max((segment.id for segment in self._all), default=0) + 1
        self._changed: set[int] = set()

    def around(self, time: int) -> list[int]:
        """The segments in which an event of about that time is, if it is there."""
        at = max(0, bisect_right(self._starts, time) - 1)
        return [segment.id for segment in self._all[max(0, at - 1) : at + 2]]

    def of(self, time: int) -> Segment:
        """The segment that a new event of that time goes to; a new one where the last is full."""
        at = bisect_right(self._starts, time) - 1
        if at < 0 and self._all and self._all[0].n < SEGMENT:
            at = 0
            self._starts[0] = time
        if at < 0 or (self._all[at].n >= SEGMENT and time > self._all[at].newest):
            at += 1
            self._all.insert(at, Segment(self._next, time))
            self._starts.insert(at, time)
            self._next += 1
        segment = self._all[at]
        self._changed.add(segment.id)
        return segment

    def ids(self, times: Sequence[int]) -> list[int]:
        """Ids of new events of these times, which are in order."""
        last = self._all[-1] if self._all else None
        if last is None or times[0] < last.newest or last.n + len(times) > SEGMENT:
            return [self.of(time).take(time) for time in times]
        first = last.id << POSITION_BITS | last.n
        last.n += len(times)
        last.newest = times[-1]
        self._changed.add(last.id)
        return list(range(first, first + len(times)))

    def write(self, connection: sqlite3.Connection) -> None:
        rows = [(s.id, s.start, s.n, s.newest, s.late) for s in self._all if s.id in self._changed]
        connection.executemany("INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?, ?)", rows)
        self._changed.clear()

    def drop_oldest(self, connection: sqlite3.Connection) -> int:
        """Forget the oldest segment with all that is in it; the time at which the next one starts."""
        segment = self._all.pop(0)
        self._starts.pop(0)
        low, high = segment.id << POSITION_BITS, (segment.id + 1) << POSITION_BITS
        connection.execute("DELETE FROM events WHERE id >= ? AND id < ?", (low, high))
        connection.execute("DELETE FROM keys WHERE seg = ?", (segment.id,))
        connection.execute("DELETE FROM postings WHERE seg = ?", (segment.id,))
        connection.execute("DELETE FROM segments WHERE id = ?", (segment.id,))
        return self._starts[0] if self._starts else segment.newest + 1

    def __len__(self) -> int:
        return len(self._all)

    @property
    def oldest(self) -> Segment | None:
        return self._all[0] if self._all else None


class Postings:
    """The bitmaps that a batch touches. `add` and `drop` are collected, `write` brings them to the file."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int, int], BitMap] = {}
        self._new: defaultdict[tuple[int, int, int], list[int]] = defaultdict(list)

    def add(self, dim: int, segment: int, words: Sequence[int], positions: Sequence[int]) -> None:
        """The word of each position, 0 for none."""
        if len(set(words)) == 1:
            if words[0] or dim == Dim.ALL:
                self._new[dim, words[0], segment].extend(positions)
            return
        found: defaultdict[int, list[int]] = defaultdict(list)
        for word, position in zip(words, positions, strict=True):
            found[word].append(position)
        for word, places in found.items():
            if word or dim == Dim.ALL:
                self._new[dim, word, segment].extend(places)

    def drop(self, connection: sqlite3.Connection, dim: int, word: int, event: int) -> None:
        place = (dim, word, event >> POSITION_BITS)
        bitmap = self._bitmap(connection, place)
        bitmap.update(self._new.pop(place, ()))
        bitmap.discard(event & 0xFFFFFFFF)
        self._new[place] = []

    def _bitmap(self, connection: sqlite3.Connection, place: tuple[int, int, int]) -> BitMap:
        bitmap = self._kept.get(place)
        if bitmap is None:
            row = connection.execute(
                "SELECT bits FROM postings WHERE dim = ? AND word = ? AND seg = ?", place
            ).fetchone()
            bitmap = self._kept[place] = BitMap.deserialize(row[0]) if row else BitMap()
        return bitmap

    def write(self, connection: sqlite3.Connection) -> None:
        rows = []
        for place, positions in self._new.items():
            bitmap = self._bitmap(connection, place)
            bitmap.update(positions)
            rows.append((*place, bitmap.serialize()))
        connection.executemany("INSERT OR REPLACE INTO postings VALUES (?, ?, ?, ?)", rows)
        self.forget() if len(self._kept) > KEPT else self._new.clear()

    def forget(self) -> None:
        """What is in memory is not to be trusted any more, or too much."""
        self._kept.clear()
        self._new.clear()
