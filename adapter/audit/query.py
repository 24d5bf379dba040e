"""Finding events: each criterion is a bitmap a segment, their intersection the events that fit."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pyroaring import BitMap

from adapter.audit.criteria import ANY_WORD, WHOLE_BELOW, Criteria
from adapter.audit.histories import END, Histories, Span
from adapter.audit.packing import COLUMNS, ID, REQUEST, TIME, Row
from adapter.audit.segments import Segment
from adapter.audit.storage import POSITION_BITS, Dim

FEW = 2000
"""So many events are looked at one by one rather than by halving."""

WORDS_OF_Q = 5000
"""The most words of a column that a part of `q` may stand for."""

_ROWS = f"SELECT {COLUMNS} FROM events WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608

_TIMES = "SELECT id, time FROM events WHERE id IN (SELECT value FROM json_each(?))"
_OF_NAMES = """
SELECT w.text, p.seg, p.bits FROM json_each(?) j CROSS JOIN words w ON w.dim = ? AND w.text = j.value
CROSS JOIN postings p ON p.dim = w.dim AND p.word = w.id
"""

_LATER = "FROM events WHERE id IN (SELECT value FROM json_each(?)) AND (time, request) < (?, ?)"
_COUNT = f"SELECT count(*) {_LATER}"
_NTH = f"SELECT time, request {_LATER} ORDER BY time DESC, request DESC LIMIT 1 OFFSET ?"


@dataclass(frozen=True, slots=True)
class Found:
    """Rows, newest first; whether more follow; how many fit in all."""

    rows: list[Row]
    more: bool
    total: int


class Search:
    """One search over a state of the index that stays the same while it lasts."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        wanted: Criteria,
        choices: list[list[tuple[int, int]]] | None = None,
        name: str | None = None,
    ) -> None:
        """`choices`: for each criterion the words (column, number) that fit, in place of those of `wanted`. `name`:
        what was done under it, whichever secret had it."""
        self._connection = connection
        self._wanted = wanted
        self._given = choices
        self._name = name

    def page(self) -> Found:
        """Raises sqlite3.Error."""
        self._connection.execute("BEGIN")
        try:
            return self._page()
        finally:
            self._connection.execute("COMMIT")

    def newest(self, takes: Callable[[Row], bool]) -> Row | None:
        """The newest event that fits and that `takes`; within a transaction of the caller's."""
        rows = (row for segment, bitmap in self._fitting() for row in self._newest(segment, bitmap))
        return next((row for row in rows if takes(row)), None)

    def _page(self) -> Found:
        fitting = self._fitting()
        total = sum(len(bitmap) for _, bitmap in fitting)
        if self._wanted.offset:
            passed = self._passed(fitting)
            if passed is None:
                return Found([], False, total)
            self._wanted = replace(self._wanted, before=passed, offset=0)
        rows: list[Row] = []
        for segment, bitmap in fitting:
            for row in self._newest(segment, self._after_cursor(segment, bitmap)):
                if len(rows) == self._wanted.limit:
                    return Found(rows, True, total)
                rows.append(row)
        return Found(rows, False, total)

    def _passed(self, fitting: list[tuple[Segment, BitMap]]) -> tuple[int, bytes] | None:
        """The last of the events that `offset` passes over; None where there are no more than these."""
        before, left = self._wanted.before, self._wanted.offset
        for segment, bitmap in fitting:
            rest = self._after_cursor(segment, bitmap)
            if before is None or segment.newest < before[0]:
                count = len(rest)
            else:
                count = self._one(_COUNT, segment, rest, before)[0]
            if count >= left:
                found = self._one(_NTH, segment, rest, before or (END, b""), left - 1)
                return (found[0], found[1]) if count > left or segment is not fitting[-1][0] else None
            left -= count
        return None

    def _one(self, query: str, segment: Segment, bitmap: BitMap, *rest: Any) -> Row:
        base = segment.id << POSITION_BITS
        events = json.dumps([base | at for at in bitmap])
        before, *more = rest
        row: Row = self._connection.execute(query, (events, *before, *more)).fetchone()
        return row

    def _after_cursor(self, segment: Segment, bitmap: BitMap) -> BitMap:
        """Without what is newer than the cursor for sure; `_newest` looks at the rest one by one."""
        before = self._wanted.before
        if before is None or segment.newest <= before[0]:
            return bitmap
        if segment.start > before[0]:
            return BitMap()
        return bitmap & BitMap(range(self._first(segment, before[0] + segment.late + 1)))

    def _fitting(self) -> list[tuple[Segment, BitMap]]:
        """Each segment with the positions that fit, newest segment first."""
        wanted = self._wanted
        rows = self._connection.execute(
            "SELECT id, start, n, newest, late FROM segments WHERE newest >= ? AND start <= ? ORDER BY start DESC",
            (wanted.start, wanted.end),
        )
        segments = [Segment(*row) for row in rows]
        self._segments = {segment.id: segment for segment in segments}
        criteria = self._criteria()
        if criteria is None:
            return []
        left_out = self._left_out()
        found = []
        for segment in segments:
            bitmap = self._all(segment.id)
            for maps in criteria:
                bitmap &= maps.get(segment.id, BitMap())
                if not bitmap:
                    break
            else:
                bitmap -= left_out.get(segment.id, BitMap())
                bitmap &= self._in_time(segment, wanted.start, wanted.end)
            if bitmap:
                found.append((segment, bitmap))
        return found

    def _all(self, segment: int) -> BitMap:
        row = self._connection.execute(
            "SELECT bits FROM postings WHERE dim = 0 AND word = 0 AND seg = ?", (segment,)
        ).fetchone()
        return BitMap.deserialize(row[0]) if row else BitMap()

    def _criteria(self) -> list[dict[int, BitMap]] | None:
        """For each criterion the bitmaps by segment; None when one of them fits nothing."""
        found = []
        for words in self._choices() if self._given is None else self._given:
            if not words:
                return None
            found.append(self._union(words))
        if self._given is None:
            found += self._by_history()
        return found

    def _by_history(self) -> list[dict[int, BitMap]]:
        """What is chosen by secret, and by who may see which: with what happened under the names that it had before."""
        wanted, found = self._wanted, []
        if Dim.SECRET in wanted.words:
            found.append(self._of_secrets(wanted.words[Dim.SECRET]))
        if wanted.scopes is not None:
            found.append(self._visible(tuple(wanted.scopes)))
        return found

    @cached_property
    def _histories(self) -> Histories:
        return Histories(self._connection)

    def _of_secrets(self, secrets: Iterable[str]) -> dict[int, BitMap]:
        return self._in_spans(span for secret in secrets for span in self._histories.spans(secret))

    def _visible(self, scopes: tuple[str, ...]) -> dict[int, BitMap]:
        """The events of the secrets that are in some scopes now."""
        found = self._union([(int(Dim.SCOPE), word) for word in self._numbers(Dim.SCOPE, scopes)])
        more, less = self._histories.elsewhere(scopes)
        for segment, bitmap in self._in_spans(more).items():
            found[segment] = found.get(segment, BitMap()) | bitmap
        for segment, bitmap in self._in_spans(less).items():
            found[segment] = found.get(segment, BitMap()) - bitmap
        return found

    def _in_spans(self, spans: Iterable[Span]) -> dict[int, BitMap]:
        """By segment, the events under some names at some times."""
        of_name: dict[str, list[Span]] = {}
        for span in spans:
            of_name.setdefault(span.name, []).append(span)
        found: dict[int, BitMap] = {}
        unsure: dict[int, list[tuple[BitMap, Span]]] = {}
        for name, number, bits in self._connection.execute(_OF_NAMES, (json.dumps(list(of_name)), int(Dim.SECRET))):
            segment = self._segments.get(number)
            if segment is None:
                continue
            for span in of_name[name]:
                if segment.newest <= span.after or span.until < segment.start:
                    continue
                if span.after < segment.start and segment.newest <= span.until:
                    found[number] = found.get(number, BitMap()) | BitMap.deserialize(bits)
                else:
                    unsure.setdefault(number, []).append((BitMap.deserialize(bits), span))
        for number, some in unsure.items():
            found[number] = found.get(number, BitMap()) | self._within(self._segments[number], some)
        return found

    def _within(self, segment: Segment, some: list[tuple[BitMap, Span]]) -> BitMap:
        """Which positions of a segment are those of events within their spans."""
        found, few = BitMap(), [(bitmap, span) for bitmap, span in some if len(bitmap) <= FEW]
        for bitmap, span in some:
            if len(bitmap) > FEW:
                found |= bitmap & self._in_time(segment, span.after + 1, span.until)
        events = [segment.id << POSITION_BITS | at for at in BitMap.union(BitMap(), *(bitmap for bitmap, _ in few))]
        times = {event & 0xFFFFFFFF: time for event, time in self._connection.execute(_TIMES, (json.dumps(events),))}
        found.update(at for bitmap, span in few for at in bitmap if span.after < times[at] <= span.until)
        return found

    def _left_out(self) -> dict[int, BitMap]:
        """By segment, what carries a word that must not be there."""
        without = {dim: texts for dim, texts in self._wanted.without.items() if dim is not Dim.SECRET}
        found = self._union([(int(dim), word) for dim, texts in without.items() for word in self._numbers(dim, texts)])
        for segment, bitmap in self._of_secrets(self._wanted.without.get(Dim.SECRET, ())).items():
            found[segment] = found.get(segment, BitMap()) | bitmap
        return found

    def _choices(self) -> list[list[tuple[int, int]]]:
        words = {dim: texts for dim, texts in self._wanted.words.items() if dim is not Dim.SECRET}
        choices = [[(int(dim), word) for word in self._numbers(dim, texts)] for dim, texts in words.items()]
        if self._name is not None:
            choices.append([(int(Dim.SECRET), word) for word in self._numbers(Dim.SECRET, (self._name,))])
        return choices + [self._like(part) for part in self._wanted.q]

    def _numbers(self, dim: Dim, texts: tuple[str, ...]) -> list[int]:
        rows = self._connection.execute(
            "SELECT id FROM words WHERE dim = ? AND text IN (SELECT value FROM json_each(?))",
            (int(dim), json.dumps(texts)),
        )
        return [row[0] for row in rows]

    def _like(self, part: str) -> list[tuple[int, int]]:
        """The words that a part of `q` stands in."""
        fits = "text = ?" if len(part) < WHOLE_BELOW else "instr(lower(text), ?) > 0"
        found: list[tuple[int, int]] = []
        for dim in ANY_WORD:
            rows = self._connection.execute(
                f"SELECT dim, id FROM words WHERE dim = ? AND {fits} LIMIT ?",  # noqa: S608
                (int(dim), part, WORDS_OF_Q),
            )
            found.extend(rows)
        return found

    def _union(self, words: list[tuple[int, int]]) -> dict[int, BitMap]:
        found: dict[int, list[BitMap]] = {}
        for place in words:
            for segment, bits in self._connection.execute(
                "SELECT seg, bits FROM postings WHERE dim = ? AND word = ?", place
            ):
                found.setdefault(segment, []).append(BitMap.deserialize(bits))
        return {segment: maps[0] if len(maps) == 1 else BitMap.union(*maps) for segment, maps in found.items()}

    def _in_time(self, segment: Segment, start: int, end: int) -> BitMap:
        """The positions of a segment from one time to another, both included.

        Positions are in the order of arrival: an event is at most `late` older than the newest before it, so all that
        must be looked at one by one is what lies that close to an end.
        """
        bitmap = BitMap(range(segment.n))
        if segment.start < start:
            low, high = self._first(segment, start - segment.late), self._first(segment, start + segment.late)
            bitmap &= BitMap(range(high, segment.n)) | self._between(segment, low, high, start, END)
        if segment.newest > end:
            low, high = self._first(segment, end - segment.late), self._first(segment, end + segment.late + 1)
            bitmap &= BitMap(range(low)) | self._between(segment, low, high, 0, end)
        return bitmap

    def _first(self, segment: Segment, time: int) -> int:
        """A position whose event is not before `time` while the one before it is."""
        low, high = 0, segment.n
        while low < high:
            middle = (low + high) // 2
            if self._time_at(segment, middle) < time:
                low = middle + 1
            else:
                high = middle
        return low

    def _time_at(self, segment: Segment, position: int) -> int:
        """The time of the event at a position, or of the next one that is still there."""
        base = segment.id << POSITION_BITS
        row = self._connection.execute(
            "SELECT time FROM events WHERE id >= ? AND id < ? ORDER BY id LIMIT 1", (base | position, base + segment.n)
        ).fetchone()
        return int(row[0]) if row else END

    def _between(self, segment: Segment, low: int, high: int, start: int, end: int) -> BitMap:
        base = segment.id << POSITION_BITS
        rows = self._connection.execute(
            "SELECT id FROM events WHERE id >= ? AND id < ? AND time BETWEEN ? AND ?",
            (base | low, base | high if high < 2**POSITION_BITS else base + high, start, end),
        )
        return BitMap([row[0] & 0xFFFFFFFF for row in rows])

    def _newest(self, segment: Segment, bitmap: BitMap) -> Iterator[Row]:
        """A segment's rows by time, newest first, read as far as they are asked for."""
        waiting: list[Row] = []
        at_once = self._wanted.limit + 32
        positions = bitmap.to_array()
        end = len(positions)
        while end or waiting:
            begin = max(0, end - at_once)
            waiting.extend(self._rows([segment.id << POSITION_BITS | at for at in positions[begin:end]]))
            waiting.sort(key=lambda row: (row[TIME], row[REQUEST]))
            end = begin
            # What is not read yet is at most so much newer than the oldest position read.
            bound = -1 if end == 0 or not waiting else min(row[TIME] for row in waiting) + segment.late
            while waiting and waiting[-1][TIME] > bound:
                row = waiting.pop()
                if self._wanted.before is None or (row[TIME], row[REQUEST]) < self._wanted.before:
                    yield row
            at_once *= 2

    def _rows(self, events: list[int]) -> list[Row]:
        return self._connection.execute(_ROWS, (json.dumps(events),)).fetchall()


def newest_row(
    connection: sqlite3.Connection, choices: list[list[tuple[int, int]]], takes: Callable[[Row], bool]
) -> Row | None:
    """The newest event that has a word of each of the choices, and that `takes`; within a transaction."""
    return Search(connection, Criteria(limit=1), choices).newest(takes)


def rows_of(connection: sqlite3.Connection, events: list[int]) -> list[Row]:
    """Some events, oldest position first."""
    return sorted(connection.execute(_ROWS, (json.dumps(events),)), key=lambda row: (row[TIME], row[ID]))
