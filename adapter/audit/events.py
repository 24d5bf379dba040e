"""Rows of the index as events of the API."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec

from adapter.audit.packing import (
    ACT,
    ACTOR,
    ADDRESS,
    CLIENT,
    COMPONENT,
    ENTITY,
    FLAGS,
    KIND,
    OUTCOME,
    PARTS,
    REASON,
    REQUEST,
    ROLE,
    SCOPE,
    SECRET,
    TIME,
    VERSION,
    Row,
)  # fmt: skip
from adapter.model.audit import Event

_WORDS = (ACT, OUTCOME, ACTOR, KIND, ENTITY, ROLE, SECRET, SCOPE, REASON, COMPONENT, CLIENT, ADDRESS, FLAGS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_time(nanoseconds: int) -> str:
    """ISO 8601 in UTC with microseconds."""
    moment = _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def texts(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, str]:
    """The words behind their numbers."""
    wanted = json.dumps(list(set(numbers) - {0}))
    found = dict(
        connection.execute("SELECT id, text FROM words WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    )
    return {**found, 0: ""}


def events_of(connection: sqlite3.Connection, rows: Sequence[Row]) -> list[Event]:
    """The events that rows stand for, in their order."""
    words = texts(connection, {row[at] for row in rows for at in _WORDS})
    return [_event(row, words) for row in rows]


def _event(row: Row, words: dict[int, str]) -> Event:
    flags = words[row[FLAGS]]
    return Event(
        time=iso_time(row[TIME]),
        actor=words[row[ACTOR]],
        actor_kind=words[row[KIND]],
        role=words[row[ROLE]] or None,
        act=words[row[ACT]],
        secret=words[row[SECRET]] or None,
        version=row[VERSION] or None,
        scope=words[row[SCOPE]] or None,
        reason=words[row[REASON]] or None,
        component=words[row[COMPONENT]] or None,
        client=words[row[CLIENT]] or None,
        address=words[row[ADDRESS]] or None,
        outcome=words[row[OUTCOME]],
        flags=flags.split(",") if flags else [],
        request_ids=_requests(row),
    )


def _requests(row: Row) -> list[str]:
    if row[PARTS] is None:
        return [_uuid(row[REQUEST])]
    return [_uuid(part[0]) for part in msgspec.msgpack.decode(row[PARTS])]


@lru_cache(1024)
def _uuid(raw: bytes) -> str:
    return str(UUID(bytes=raw))
