"""Counts over many events, made by the index itself: no event is built for them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from adapter.audit.events import texts

DAY = 86_400 * 10**9
"""Nanoseconds."""

_BY_SCOPE = """
SELECT scope, actor, kind, act, outcome, count(*), min(time), max(time) FROM events
WHERE time BETWEEN ? AND ? AND scope > 0 GROUP BY scope, actor, kind, act, outcome
"""
_BY_DAY = f"""
SELECT time / {DAY}, act, outcome, count(*) FROM events WHERE time BETWEEN ? AND ? GROUP BY 1, act, outcome
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Counted:
    """How often somebody did something in a scope; first and last time in nanoseconds."""

    scope: str
    actor: str
    kind: str
    act: str
    outcome: str
    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class OfDay:
    """How often something was done on a day; `day` counts from 1970."""

    day: int
    act: str
    outcome: str
    count: int


def by_scope(connection: sqlite3.Connection, start: int, end: int) -> list[Counted]:
    """What was done in each scope, by whom. Raises sqlite3.Error."""
    rows = connection.execute(_BY_SCOPE, (start, end)).fetchall()
    words = texts(connection, {number for row in rows for number in row[:5]})
    return [
        Counted(words[scope], words[actor], words[kind], words[act], words[outcome], count, first, last)
        for scope, actor, kind, act, outcome, count, first, last in rows
    ]


def by_day(connection: sqlite3.Connection, start: int, end: int) -> list[OfDay]:
    """What was done on each day, oldest first. Raises sqlite3.Error."""
    rows = connection.execute(_BY_DAY, (start, end)).fetchall()
    words = texts(connection, {number for row in rows for number in row[1:3]})
    return [OfDay(day, words[act], words[outcome], count) for day, act, outcome, count in rows]
