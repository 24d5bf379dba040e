"""What the index keeps of renames and moves: which names an act token carries a secret between, and which were removed.

A rename is done when the entry under the old name is removed with an act token whose mint, by the adapter, names both.
A removal of any other kind ends a secret. What belongs together is found when it is asked for, so the order in which
the lines were read makes no difference.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from adapter.audit.facts import Fact, Link
from adapter.model.audit import EventAct, Outcome

UNANSWERED, NOT_DONE, DONE = 0, 1, 2
"""States of a removal. One without an answer may have taken place, and an answer says more than none."""

RENAMING = frozenset({EventAct.RENAMED.value, EventAct.MOVED.value})

_CARRIED = "INSERT OR IGNORE INTO carried VALUES (?, ?, ?, ?)"
_REMOVED = """
INSERT INTO removals VALUES (?, ?, ?, ?, ?) ON CONFLICT (request) DO UPDATE SET
    time = min(time, excluded.time), state = max(state, excluded.state)
"""


def take_renames(connection: sqlite3.Connection, facts: Iterable[Fact], links: Iterable[Link]) -> None:
    """Remember what a batch says of renames and removals."""
    for link in links:
        if link.to and link.act in RENAMING:
            connection.executemany(_CARRIED, [(key, link.time, link.secret, link.to) for key in link.keys])
    removed = [fact for fact in facts if fact.act == EventAct.DELETED and fact.secret]
    if removed:
        rows = [(one.id, one.time, one.secret, one.link, _state(one)) for one in removed]
        connection.executemany(_REMOVED, rows)


def _state(fact: Fact) -> int:
    if not fact.answered:
        return UNANSWERED
    return DONE if fact.outcome == Outcome.DONE else NOT_DONE


def forget_renames(connection: sqlite3.Connection, time: int) -> None:
    """Those before a time: no event is left that they would say something of."""
    connection.execute("DELETE FROM removals WHERE time < ?", (time,))
    connection.execute("DELETE FROM carried WHERE time < ? AND link NOT IN (SELECT link FROM removals)", (time,))
