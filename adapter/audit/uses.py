"""When each secret was last used, and by which components: kept beside the events, so that a list asks once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from pyroaring import BitMap

from adapter.audit.packing import ACT, COMPONENT, NONE, OUTCOME, SECRET, TIME, Row, Words
from adapter.audit.storage import POSITION_BITS, Dim
from adapter.model.audit import EventAct, Outcome


class Uses:
    """Follows the events that are written and taken away."""

    def __init__(self, words: Words) -> None:
        self._used = words.number(Dim.ACT, EventAct.USED)
        self._done = words.number(Dim.OUTCOME, Outcome.DONE)
        self._last: dict[int, int] = {}
        self._by: dict[tuple[int, int], int] = {}
        self._again: set[int] = set()

    def added(self, rows: Iterable[Row]) -> None:
        used, done, last, by = self._used, self._done, self._last, self._by
        for row in rows:
            if row[ACT] == used and row[OUTCOME] == done and row[SECRET]:
                secret, time = row[SECRET], row[TIME]
                if time > last.get(secret, -1):
                    last[secret] = time
                if row[COMPONENT] and time > by.get((secret, row[COMPONENT]), -1):
                    by[secret, row[COMPONENT]] = time

    def removed(self, row: Row) -> None:
        if row[ACT] == self._used and row[OUTCOME] == self._done and row[SECRET]:
            self._again.add(row[SECRET])

    def write(self, connection: sqlite3.Connection) -> None:
        """Needs the batch's events and postings to be written."""
        for secret in self._again:
            self._recount(connection, secret)
        connection.executemany(
            "INSERT INTO last_use VALUES (?, ?) ON CONFLICT DO UPDATE SET time = max(time, excluded.time)",
            list(self._last.items()),
        )
        connection.executemany(
            "INSERT INTO used_by VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET time = max(time, excluded.time)",
            [(*place, time) for place, time in self._by.items()],
        )
        self._last.clear()
        self._by.clear()
        self._again.clear()

    def _recount(self, connection: sqlite3.Connection, secret: int) -> None:
        connection.execute("DELETE FROM last_use WHERE secret = ?", (secret,))
        connection.execute("DELETE FROM used_by WHERE secret = ?", (secret,))
        wanted = ((Dim.SECRET, secret), (Dim.ACT, self._used), (Dim.OUTCOME, self._done))
        maps = [
            {
                segment: BitMap.deserialize(bits)
                for segment, bits in connection.execute(
                    "SELECT seg, bits FROM postings WHERE dim = ? AND word = ?", (int(dim), word)
                )
            }
            for dim, word in wanted
        ]
        for segment, bitmap in maps[0].items():
            if segment in maps[1] and segment in maps[2]:
                events = [(segment << POSITION_BITS | at,) for at in bitmap & maps[1][segment] & maps[2][segment]]
                for event in events:
                    time, component = connection.execute(
                        "SELECT time, component FROM events WHERE id = ?", event
                    ).fetchone()
                    self._last[secret] = max(time, self._last.get(secret, time))
                    if component != NONE:
                        self._by[secret, component] = max(time, self._by.get((secret, component), time))


def forget_before(connection: sqlite3.Connection, time: int) -> None:
    """What the events that are left do not say any more."""
    connection.execute("DELETE FROM last_use WHERE time < ?", (time,))
    connection.execute("DELETE FROM used_by WHERE time < ?", (time,))
