"""Under which names a secret was, and until when: what a rename or move by the adapter left in the log, followed.

A name is not a secret: another one may have had it before, or take it later. So a secret is a row of spans of names.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from adapter.audit.renames import NOT_DONE
from adapter.audit.storage import Dim
from adapter.model.address import Address

END = 2**63 - 1

_MOVES = f"""
SELECT c.secret, c.dest, r.time FROM carried c CROSS JOIN removals r ON r.link = c.link AND r.secret = c.secret
WHERE r.link != 0 AND r.state != {NOT_DONE} ORDER BY r.time, r.request
"""  # noqa: S608
_REMOVALS = f"""
SELECT secret, time FROM removals WHERE state != {NOT_DONE} AND secret IN (SELECT value FROM json_each(?)) ORDER BY time
"""  # noqa: S608
_MADE = f"""
SELECT w.text, m.time FROM last_made m JOIN words w ON w.id = m.secret
WHERE w.dim = {int(Dim.SECRET)} AND w.text IN (SELECT value FROM json_each(?))
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Span:
    """The events under a name later than `after`, up to `until` (nanoseconds)."""

    name: str
    after: int
    until: int

    @property
    def is_whole(self) -> bool:
        return self.after == 0 and self.until == END

    def has(self, name: str, time: int) -> bool:
        return name == self.name and self.after < time <= self.until


@dataclass(frozen=True, slots=True)
class Move:
    """At `time` the entry under the old name was gone."""

    source: str
    to: str
    time: int


class Histories:
    """The renames and moves of an index, as they are known when this is made."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._away: defaultdict[str, list[Move]] = defaultdict(list)
        self._into: defaultdict[str, list[Move]] = defaultdict(list)
        self._removed: defaultdict[str, list[int]] = defaultdict(list)
        self._made: dict[str, int] = {}
        if connection.execute("SELECT 1 FROM carried LIMIT 1").fetchone():
            self._load(connection)

    def _load(self, connection: sqlite3.Connection) -> None:
        for row in connection.execute(_MOVES):
            move = Move(*row)
            self._away[move.source].append(move)
            self._into[move.to].append(move)
        names = json.dumps(list(self.names))
        for secret, time in connection.execute(_REMOVALS, (names,)):
            self._removed[secret].append(time)
        self._made.update(connection.execute(_MADE, (names,)).fetchall())

    @property
    def names(self) -> frozenset[str]:
        """Every name that a rename led to or away from."""
        return frozenset(self._away) | frozenset(self._into)

    def spans(self, name: str) -> list[Span]:
        """Of the secret of that name now, newest first; of a name that no secret has, of the last one that had it.

        A deletion under the name itself ends nothing: what is asked for is also what was deleted.
        """
        begin = self._begin(name)
        arrived = self._arrived(name, begin, END)
        if arrived is None:
            return [Span(name, begin, END)]
        return [Span(name, self._gone_before(name, arrived.time), END), *self._before(arrived)]

    def _begin(self, name: str) -> int:
        """When the last secret left the name that is not the one asked for."""
        times = [move.time for move in self._away.get(name, ())]
        if not times:
            return 0
        taken = self._made.get(name, 0) > times[-1] or self._arrived(name, times[-1], END) is not None
        return ([0, *times])[-1 if taken else -2]

    def _before(self, move: Move) -> Iterator[Span]:
        """Of what a rename carried, the spans that it had then, back to where the secret was made."""
        at: Move | None = move
        while at is not None:
            after = self._gone_before(at.source, at.time)
            yield Span(at.source, after, at.time)
            at = self._arrived(at.source, after, at.time)

    def _arrived(self, name: str, after: int, before: int) -> Move | None:
        """The newest rename to a name between two times."""
        found = [move for move in self._into.get(name, ()) if after < move.time < before]
        return found[-1] if found else None

    def _gone_before(self, name: str, time: int) -> int:
        """When the name was last free before a time; 0 for never."""
        times = self._removed.get(name, [])
        at = bisect_left(times, time)
        return times[at - 1] if at else 0

    def present(self, name: str, time: int) -> str:
        """The name now, or in the end, of the secret that had a name at a time."""
        while True:
            times = self._removed.get(name, [])
            at = bisect_left(times, time)
            gone = times[at] if at < len(times) else 0
            move = next((one for one in self._away.get(name, ()) if one.time == gone), None)
            if move is None:
                return name
            name, time = move.to, move.time + 1

    def first(self, name: str, time: int) -> str:
        """A word for the secret that had a name at a time: the same one under each of its names."""
        while True:
            left = max((move.time for move in self._away.get(name, ()) if move.time < time), default=0)
            arrived = [move for move in self._into.get(name, ()) if move.time > left]
            arrived = [move for move in arrived if self._gone_before(name, move.time) < time]
            if not arrived:
                return f"{name} since {left}" if left else name
            name, time = arrived[-1].source, arrived[-1].time

    def elsewhere(self, scopes: Iterable[str]) -> tuple[list[Span], list[Span]]:
        """Who may see some scopes' secrets as they are now: which spans of other scopes come to them, and which of
        those scopes do not."""
        chosen, more, less = frozenset(scopes), list[Span](), list[Span]()
        for move in (move for moves in self._away.values() for move in moves):
            before, now = (scope_of(name) in chosen for name in (move.source, self.present(move.to, move.time + 1)))
            if before != now:
                (more if now else less).append(next(self._before(move)))
        return more, less


@lru_cache(65_536)
def scope_of(name: str) -> str:
    return str(Address(name).scope or "")
