"""What the adapter asks of the audit view. Every method reads the index's file, so call it in a thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from adapter.audit.counts import Counted, OfDay, by_day, by_scope
from adapter.audit.criteria import Criteria, cursor_of, nanoseconds_of
from adapter.audit.events import events_of, iso_time
from adapter.audit.files import BROKEN, log_files, open_log, print_of
from adapter.audit.follow import Follower, Place
from adapter.audit.histories import END, Histories
from adapter.audit.latest import MADE_THERE
from adapter.audit.newest import LastMade, LastUse, Newest
from adapter.audit.packing import ID, REQUEST, TIME, VERSION
from adapter.audit.query import Search, rows_of
from adapter.audit.storage import POSITION_BITS, Connections, Dim, Unusable, about
from adapter.errors import Unreachable
from adapter.model.audit import Event, EventPage, Outcome, Reading

AGAIN = 10_000
"""Events that are told once more to whoever comes back after an index was made anew, or after very long."""


class NotReady(Unreachable):
    title = "The audit view is not ready"


@dataclass(frozen=True, slots=True)
class Changed:
    """An event that is new or was added to: `rev` counts such changes within one `generation` of the index."""

    generation: str
    rev: int
    time: int
    row: int
    event: Event


@dataclass(frozen=True, slots=True)
class Made:
    """Who made a version, by Vault's log, and when (nanoseconds)."""

    version: int
    time: int
    event: Event


class AuditView:
    """The index of some logs, kept up to date by `start`."""

    def __init__(self, place: Place, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.place = place
        self._now = now
        self._connections = Connections(place.index)
        self._follower = Follower(place)

    def start(self) -> None:
        self._follower.start()

    def stop(self) -> None:
        self._follower.stop()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connections.get()
        except (sqlite3.Error, Unusable, OSError):
            problem = self._follower.problem or "It is being made; that takes a moment."
            raise NotReady(f"The audit index cannot be read now. {problem}", hint="Try again shortly.") from None

    def page(self, wanted: Criteria) -> EventPage:
        """Events, newest first. Raises Unreachable."""
        with self._open() as connection:
            found = Search(connection, wanted).page()
            events = events_of(connection, found.rows)
        last = found.rows[-1] if found.more else None
        following = cursor_of(last[TIME], last[REQUEST]) if last else None
        return EventPage(events=events, next=following, total=found.total, reading=self.reading())

    def reading(self) -> Reading:
        """How far the log has been read. Raises Unreachable."""
        with self._open() as connection:
            since, until = (about(connection, name) for name in ("since", "until"))
            offsets = dict(connection.execute("SELECT print, offset FROM files"))
            count = Search(connection, Criteria(limit=0)).page().total
        problem = " ".join(filter(None, (self._follower.problem, self._follower.notice))) or None
        return Reading(
            since=iso_time(int(since)) if since else None,
            until=iso_time(int(until)) if until else None,
            events=count,
            behind_bytes=self._behind(offsets),
            problem=problem,
        )

    def _behind(self, offsets: dict[str, int]) -> int:
        """Bytes of the logs that grow which are not in the index yet."""
        behind = 0
        for log in self.place.logs:
            for path in log_files(log)[-1:]:
                try:
                    with open_log(path) as file:
                        known = print_of(file)
                        size = path.stat().st_size
                except BROKEN:
                    continue
                behind += max(0, size - offsets.get(known or "", 0))
        return behind

    def since(self) -> str | None:
        """The time of the first line that is known. Raises Unreachable."""
        with self._open() as connection:
            found = about(connection, "since")
        return iso_time(int(found)) if found else None

    def last_uses(self, secrets: Iterable[str] | None = None) -> dict[str, LastUse]:
        """By address, for those that were used; None: all. Raises Unreachable."""
        with self._open() as connection:
            return Newest(connection, secrets).uses()

    def last_made(self, secrets: Iterable[str] | None = None) -> dict[str, LastMade]:
        """By address, who made the newest version that the log knows of; None: all. Raises Unreachable."""
        with self._open() as connection:
            return Newest(connection, secrets).made()

    def histories(self) -> Histories:
        """Under which names each secret was, as far as the log has been read. Raises Unreachable."""
        with self._open() as connection:
            return Histories(connection)

    def made(self, secret: str) -> list[Made]:
        """Who made which version of a secret and when, newest first. Raises Unreachable."""
        words = {
            Dim.SECRET: (secret,),
            Dim.ACT: tuple(act.value for act in MADE_THERE),
            Dim.OUTCOME: (Outcome.DONE.value, Outcome.UNKNOWN.value),
        }
        with self._open() as connection:
            rows = Search(connection, Criteria(words, limit=1000)).page().rows
            events = events_of(connection, rows)
        return [Made(row[VERSION], row[TIME], event) for row, event in zip(rows, events, strict=True) if row[VERSION]]

    def every(self, wanted: Criteria, most: int = 100_000) -> list[Event]:
        """All events that fit, up to `most`, newest first. Raises Unreachable."""
        with self._open() as connection:
            whole = replace(wanted, before=None, offset=0, limit=most)
            return events_of(connection, Search(connection, whole).page().rows)

    def event_of(self, group: int, request: str) -> Event | None:
        """The event that a request is part of, by the group of its fact. Raises Unreachable."""
        with self._open() as connection:
            places = connection.execute(
                "SELECT s.id, k.pos FROM segments s JOIN keys k ON k.seg = s.id AND k.key = ?", (group,)
            ).fetchall()
            events = events_of(connection, rows_of(connection, [seg << POSITION_BITS | pos for seg, pos in places]))
        return next((event for event in events if request in event.request_ids), None)

    def counted(self, start: int, end: int) -> list[Counted]:
        """What was done in each scope, by whom, between two times (nanoseconds). Raises Unreachable."""
        with self._open() as connection:
            return by_scope(connection, start, end)

    def by_day(self, start: int, end: int) -> list[OfDay]:
        """What was done on each day, oldest first. Raises Unreachable."""
        with self._open() as connection:
            return by_day(connection, start, end)

    def newest_change(self) -> tuple[str, int]:
        """The generation of the index and its latest change. Raises Unreachable."""
        with self._open() as connection:
            row = connection.execute("SELECT max(rev) FROM changes").fetchone()
            return about(connection, "generation") or "", row[0] or 0

    def changes(self, generation: str, rev: int, time: int, most: int = 500) -> list[Changed]:
        """What changed after `rev`, oldest change first. Raises Unreachable.

        For another generation, or a change so long ago that it is not kept, the events from `time` on.
        """
        with self._open() as connection:
            now = about(connection, "generation") or ""
            oldest = connection.execute("SELECT min(rev) FROM changes").fetchone()[0] or 0
            if generation != now or rev + 1 < oldest:
                return self._again(connection, now, time)
            rows = connection.execute(
                "SELECT rev, event FROM changes WHERE rev > ? ORDER BY rev LIMIT ?", (rev, most)
            ).fetchall()
            found = {row[ID]: row for row in rows_of(connection, [event for _, event in rows])}
            present = [(number, found[event]) for number, event in rows if event in found]
            events = events_of(connection, [row for _, row in present])
            last = rows[-1][0] if rows else rev
        result = [
            Changed(now, number, row[TIME], row[ID], event)
            for (number, row), event in zip(present, events, strict=True)
        ]
        if result and result[-1].rev != last:
            result[-1] = Changed(now, last, result[-1].time, result[-1].row, result[-1].event)
        return result

    def _again(self, connection: sqlite3.Connection, generation: str, time: int) -> list[Changed]:
        newest = connection.execute("SELECT max(rev) FROM changes").fetchone()[0] or 0
        rows = Search(connection, Criteria(start=time, end=END, limit=AGAIN)).page().rows[::-1]
        events = events_of(connection, rows)
        return [Changed(generation, newest, row[TIME], row[ID], event) for row, event in zip(rows, events, strict=True)]

    def still_there(self, rows: list[int]) -> list[tuple[int, Event]]:
        """Those of some events that have not been added to since. Raises Unreachable."""
        with self._open() as connection:
            found = rows_of(connection, rows)
            return [(row[ID], event) for row, event in zip(found, events_of(connection, found), strict=True)]

    def now(self) -> int:
        return nanoseconds_of(self._now())
