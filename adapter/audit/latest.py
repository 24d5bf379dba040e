"""The newest event of a kind for each secret, kept beside the events so that a list asks once: last use, author."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adapter.audit.packing import (
    ACT,
    ACTOR,
    COMPONENT,
    KIND,
    OUTCOME,
    POSTED,
    REQUEST,
    SECRET,
    TIME,
    VERSION,
    Row,
    Words,
)
from adapter.audit.query import newest_row
from adapter.audit.storage import Dim
from adapter.model.audit import EventAct, Outcome

MAKING = (
    EventAct.CREATED,
    EventAct.UPDATED,
    EventAct.ROLLED_BACK,
    EventAct.RENAMED,
    EventAct.MOVED,
    EventAct.RESTORED,
)
"""The acts that make a version."""

MADE_THERE = tuple(act for act in MAKING if act not in (EventAct.RENAMED, EventAct.MOVED))
"""Those that make it under the name that the event has; a rename makes copies under another one."""

_DIMS = {at: dim for dim, at in POSTED}


@dataclass(frozen=True, slots=True)
class Kind:
    """What is kept in `table`: by the columns `key`, the newest of the events with such acts and outcomes."""

    table: str
    key: tuple[int, ...]
    body: tuple[int, ...]
    acts: frozenset[int]
    outcomes: frozenset[int]
    versions: bool = False

    def takes(self, row: Row) -> bool:
        return (
            row[ACT] in self.acts
            and row[OUTCOME] in self.outcomes
            and all(row[at] for at in self.key)
            and bool(row[VERSION] or not self.versions)
        )


def kinds(words: Words) -> tuple[Kind, ...]:
    def acts(*names: str) -> frozenset[int]:
        return frozenset(words.number(Dim.ACT, name) for name in names)

    done = frozenset({words.number(Dim.OUTCOME, Outcome.DONE)})
    maybe = done | {words.number(Dim.OUTCOME, Outcome.UNKNOWN)}
    used = acts(EventAct.USED)
    return (
        Kind("last_use", (SECRET,), (), used, done),
        Kind("used_by", (SECRET, COMPONENT), (), used, done),
        Kind("last_made", (SECRET,), (VERSION, ACTOR, KIND, ACT), acts(*MADE_THERE), maybe, versions=True),
    )


class Latest:
    """Follows the events that are written and taken away; `write` brings one kind's table up to date."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._new: dict[tuple[int, ...], Row] = {}
        self._gone: dict[tuple[int, ...], int] = {}
        size = len(kind.key) + 1 + len(kind.body)
        self._insert = f"INSERT OR REPLACE INTO {kind.table} VALUES ({', '.join('?' * size)})"  # noqa: S608
        self._where = " AND ".join(name for name, _ in zip(("secret = ?", "component = ?"), kind.key, strict=False))

    def added(self, rows: Iterable[Row]) -> None:
        takes, key_columns, new = self._kind.takes, self._kind.key, self._new
        for row in rows:
            if takes(row):
                key = tuple(row[at] for at in key_columns)
                known = new.get(key)
                if known is None or (row[TIME], row[REQUEST]) > (known[TIME], known[REQUEST]):
                    new[key] = row

    def removed(self, row: Row) -> None:
        if self._kind.takes(row):
            key = tuple(row[at] for at in self._kind.key)
            self._gone[key] = max(row[TIME], self._gone.get(key, 0))

    def write(self, connection: sqlite3.Connection) -> None:
        """Needs the batch's events and postings to be written."""
        for key, time in self._gone.items():
            if self._stored(connection, key) <= time:
                self._forget(connection, key)
        for key, row in self._new.items():
            if self._stored(connection, key) <= row[TIME]:
                self._keep(connection, key, row)
        self._new.clear()
        self._gone.clear()

    def _stored(self, connection: sqlite3.Connection, key: Sequence[int]) -> int:
        sql = f"SELECT time FROM {self._kind.table} WHERE {self._where}"  # noqa: S608
        row = connection.execute(sql, key).fetchone()
        return int(row[0]) if row else -1

    def _forget(self, connection: sqlite3.Connection, key: tuple[int, ...]) -> None:
        """The newest that is still there, in place of one that was taken away."""
        again = self._new.get(key)
        if again is not None and again[TIME] >= self._gone[key]:
            connection.execute(f"DELETE FROM {self._kind.table} WHERE {self._where}", key)  # noqa: S608
            return
        choices = [[(int(_DIMS[at]), word)] for at, word in zip(self._kind.key, key, strict=True)]
        choices.append([(int(Dim.ACT), act) for act in self._kind.acts])
        choices.append([(int(Dim.OUTCOME), outcome) for outcome in self._kind.outcomes])
        row = newest_row(connection, choices, self._kind.takes)
        connection.execute(f"DELETE FROM {self._kind.table} WHERE {self._where}", key)  # noqa: S608
        if row is not None:
            self._keep(connection, key, row)

    def _keep(self, connection: sqlite3.Connection, key: tuple[int, ...], row: Row) -> None:
        connection.execute(self._insert, (*key, row[TIME], *(row[at] for at in self._kind.body)))


def forget_before(connection: sqlite3.Connection, time: int) -> None:
    """What the events that are left do not say any more."""
    for table in ("last_use", "used_by", "last_made"):
        connection.execute(f"DELETE FROM {table} WHERE time < ?", (time,))  # noqa: S608
