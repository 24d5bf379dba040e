"""Whether a write of a group's members granted or revoked: told by who was in it before, whenever that was read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

import msgspec

from adapter.audit.facts import Fact, hashed
from adapter.model.audit import EventAct, Outcome

Near = Callable[[int, int], list[Fact]]
"""What the index has of a group of facts at about a time."""


class Memberships:
    """The table of every state that a group was in."""

    def take(self, connection: sqlite3.Connection, facts: Iterable[Fact], near: Near) -> list[Fact]:
        """Remember what the facts say; those that come next after one of them may mean another thing now."""
        changed: list[Fact] = []
        for fact in facts:
            if fact.members is None or fact.outcome != Outcome.DONE:
                continue
            place = (hashed(fact.secret), fact.time, fact.id)
            members = msgspec.msgpack.encode(fact.members)
            connection.execute(
                "INSERT OR REPLACE INTO memberships VALUES (?, ?, ?, ?, ?)", (*place, fact.group, members)
            )
            row = connection.execute(
                "SELECT key, time FROM memberships WHERE name = ? AND (time, request) > (?, ?) "
                "ORDER BY time, request LIMIT 1",
                place,
            ).fetchone()
            if row:
                changed.extend(near(*row))
        return changed

    def act(self, connection: sqlite3.Connection, fact: Fact) -> str:
        """What a write did, by the state before it."""
        if fact.outcome != Outcome.DONE:
            return fact.act
        row = connection.execute(
            "SELECT members FROM memberships WHERE name = ? AND (time, request) < (?, ?) "
            "ORDER BY time DESC, request DESC LIMIT 1",
            (hashed(fact.secret), fact.time, fact.id),
        ).fetchone()
        before = set(msgspec.msgpack.decode(row[0])) if row else set()
        now = set(fact.members or ())
        if now - before:
            return EventAct.GRANTED
        return EventAct.REVOKED if before - now else EventAct.POLICY_CHANGED
