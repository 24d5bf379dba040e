"""The one writer of the index: facts and links in, events out; each batch is one transaction.

A request that comes again changes nothing, and a line that comes late changes its event as if it had been there: the
index depends on the lines alone, not on their order or on how often they were read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

import msgspec

from adapter.audit.facts import Fact, Link
from adapter.audit.folding import TOGETHER, WITHOUT_INTENT, fold, intent_keys, shared_keys, shown
from adapter.audit.latest import Latest, forget_before, kinds
from adapter.audit.memberships import Memberships
from adapter.audit.packing import COLUMNS, ID, KEY, TIME, Row, Words, is_plain
from adapter.audit.paths import Layout
from adapter.audit.renames import forget_renames, take_renames
from adapter.audit.segments import Postings, Segments
from adapter.audit.storage import POSITION_BITS, check_layout, open_index

CHANGES_KEPT = 10_000

MANY = 50
"""Events of one group beyond which only those near in time are looked at anew."""

_INSERT = f"INSERT INTO events ({COLUMNS}) VALUES ({', '.join('?' * 19)})"  # noqa: S608
_SELECT = f"SELECT {COLUMNS} FROM events WHERE id = ?"  # noqa: S608


@dataclass(frozen=True, slots=True)
class FilePosition:
    """How far a file was read: `print` is its first line's digest, `offset` counts uncompressed bytes.

    `size` is the file's own, in bytes on the disk, when it was read to its end.
    """

    print: str
    path: str
    offset: int
    size: int = 0
    damaged: int = 0


@dataclass(slots=True)
class Batch:
    """What some lines say; `first` and `last` are the times of the oldest and newest of them."""

    facts: list[Fact] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    positions: list[FilePosition] = field(default_factory=list)
    first: int = 0
    last: int = 0


class IndexWriter:
    """Raises sqlite3.Error; a batch that failed has changed nothing and may be tried again."""

    def __init__(self, path: Path, layout: Layout) -> None:
        """Raises Unusable for a file that must be set aside."""
        self._connection = open_index(path, write=True)
        check_layout(self._connection, layout)
        self._load()

    def _load(self) -> None:
        self._words = Words(self._connection)
        self._segments = Segments(self._connection)
        self._postings = Postings()
        self._latest = [Latest(kind) for kind in kinds(self._words)]
        self._memberships = Memberships()
        self._links: dict[int, Link] = {}
        self._aliases: dict[int, int] = {}
        for key, body in self._connection.execute("SELECT key, body FROM links"):
            self._know(key, msgspec.msgpack.decode(body, type=Link))

    def close(self) -> None:
        self._connection.close()

    def positions(self) -> dict[str, FilePosition]:
        """How far each file was read, by its print."""
        rows = self._connection.execute("SELECT print, path, offset, size, damaged FROM files")
        return {row[0]: FilePosition(*row) for row in rows}

    def add(self, batch: Batch) -> None:
        """Bring a batch into the index, whole or not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._add(batch)
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            self._load()
            raise

    def _add(self, batch: Batch) -> None:
        groups: dict[int, list[Fact]] = {}
        waited = self._take_links(batch.links)
        take_renames(self._connection, batch.facts, batch.links)
        for fact in chain(batch.facts, waited, self._memberships.take(self._connection, batch.facts, self._near)):
            fact.group = self._aliases.get(fact.group, fact.group)
            groups.setdefault(fact.group, []).append(fact)
        known = self._known(groups)
        rows: list[Row] = []
        plain_row = self._words.plain_row
        for key, facts in groups.items():
            fact = facts[0]
            if key in known:
                rows.extend(self._replaced(facts, known[key]))
            elif len(facts) == 1 and is_plain(fact):
                rows.append(plain_row(fact))
            else:
                rows.extend(self._events(facts))
        self._insert(rows)
        self._words.write(self._connection)
        self._segments.write(self._connection)
        self._postings.write(self._connection)
        for latest in self._latest:
            latest.write(self._connection)
        self._note(batch)

    def _take_links(self, links: Iterable[Link]) -> list[Fact]:
        """Remember what tokens were made for; the facts, of those there already, that this changes."""
        found: list[Fact] = []
        for link in links:
            body = msgspec.msgpack.encode(link)
            for key in link.keys:
                if key in self._links:
                    continue
                self._know(key, link)
                self._connection.execute("INSERT INTO links VALUES (?, ?, ?)", (key, link.time, body))
                for group, time in self._connection.execute(
                    "DELETE FROM waiting WHERE link = ? RETURNING key, time", (key,)
                ).fetchall():
                    found.extend(self._near(group, time)[:1])
            if link.alias is not None:
                found.extend(self._taken(link.alias[0], link.time))
        return found

    def _know(self, key: int, link: Link) -> None:
        self._links[key] = link
        if link.alias is not None:
            self._aliases[link.alias[0]] = link.alias[1]

    def _events_near(self, group: int, time: int) -> list[Row]:
        found: list[Row] = []
        for segment in self._segments.around(time):
            rows = self._connection.execute("SELECT pos FROM keys WHERE seg = ? AND key = ?", (segment, group))
            found.extend(self._select(segment << POSITION_BITS | position) for (position,) in rows.fetchall())
        return found

    def _near(self, group: int, time: int) -> list[Fact]:
        """What the index has of a group."""
        return [fact for row in self._events_near(group, time) for fact in self._words.facts(row)]

    def _taken(self, group: int, time: int) -> list[Fact]:
        """The same, and the index has it no more."""
        rows = self._events_near(group, time)
        for row in rows:
            self._remove(row)
        return [fact for row in rows for fact in self._words.facts(row)]

    def _known(self, groups: Mapping[int, Sequence[Fact]]) -> dict[int, list[int]]:
        """The events that the index has of each group already."""
        places: dict[int, set[int]] = {}
        times = [fact.time for facts in groups.values() for fact in facts]
        near = self._segments.around(min(times)) if times else []
        if times and near == self._segments.around(max(times)):
            places = {segment: set(groups) for segment in near}
        else:
            for key, facts in groups.items():
                for fact in facts:
                    for segment in self._segments.around(fact.time):
                        places.setdefault(segment, set()).add(key)
        known: dict[int, list[int]] = {}
        for segment, keys in places.items():
            rows = self._connection.execute(
                "SELECT key, pos FROM keys WHERE seg = ? AND key IN (SELECT value FROM json_each(?))",
                (segment, json.dumps(list(keys))),
            )
            for key, position in rows:
                known.setdefault(key, []).append(segment << POSITION_BITS | position)
        return known

    def _events(self, facts: Sequence[Fact]) -> list[Row]:
        return [self._row(event) for event in fold(facts, self._links)]

    def _row(self, event: list[Fact]) -> Row:
        for fact in event:
            if fact.link and fact.link not in self._links:
                self._await(fact.link, fact)
        for key in shared_keys(event, self._links) - self._links.keys():
            self._await(key, event[0])
        fact = shown(event, self._links)
        if WITHOUT_INTENT in fact.flags:
            for key in intent_keys(event, self._links):
                self._await(key, event[0])
        if fact.members is not None:
            fact.act = self._memberships.act(self._connection, fact)
        return self._words.row(fact, event)

    def _await(self, link: int, fact: Fact) -> None:
        """Look at the fact's event again once that link is known."""
        self._connection.execute("INSERT OR REPLACE INTO waiting VALUES (?, ?, ?)", (link, fact.group, fact.time))

    def _replaced(self, facts: Sequence[Fact], events: Sequence[int]) -> list[Row]:
        """A group's events made anew from what the index had of it and `facts`; those that stay as they are, stay."""
        old = self._near_in_time(facts, [self._select(event) for event in events])
        stored = [fact for row in old for fact in self._words.facts(row)]
        rows = self._events([*stored, *facts])
        stay = {row[KEY:] for row in rows} & {row[KEY:] for row in old}
        for row in old:
            if row[KEY:] not in stay:
                self._remove(row)
        return [row for row in rows if row[KEY:] not in stay]

    def _near_in_time(self, facts: Sequence[Fact], rows: list[Row]) -> list[Row]:
        """Those that the facts can change: whoever sends one header with all requests cannot make this slow."""
        if len(rows) <= MANY:
            return rows
        first = min(fact.time for fact in facts) - TOGETHER
        last = max(fact.time for fact in facts) + TOGETHER
        return [row for row in rows if first <= row[TIME] <= last]

    def _select(self, event: int) -> Row:
        row: Row = self._connection.execute(_SELECT, (event,)).fetchone()
        return row

    def _remove(self, row: Row) -> None:
        event = row[ID]
        for dim, word in self._words.posted(row):
            self._postings.drop(self._connection, dim, word, event)
        place = (event >> POSITION_BITS, row[KEY], event & 0xFFFFFFFF)
        self._connection.execute("DELETE FROM keys WHERE seg = ? AND key = ? AND pos = ?", place)
        self._connection.execute("DELETE FROM events WHERE id = ?", (event,))
        for latest in self._latest:
            latest.removed(row)

    def _insert(self, rows: list[Row]) -> None:
        if not rows:
            return
        rows.sort(key=itemgetter(TIME))
        ids = self._segments.ids([row[TIME] for row in rows])
        full = [(event, *row[KEY:]) for event, row in zip(ids, rows, strict=True)]
        for segment, some in groupby(full, key=lambda row: row[ID] >> POSITION_BITS):
            self._words.post(list(some), segment, self._postings)
        self._connection.executemany(_INSERT, full)
        keys = [(event >> POSITION_BITS, row[KEY], event & 0xFFFFFFFF) for event, row in zip(ids, rows, strict=True)]
        self._connection.executemany("INSERT INTO keys VALUES (?, ?, ?)", sorted(keys))
        self._connection.executemany(
            "INSERT INTO changes (event) VALUES (?)", [(event,) for event in ids[-CHANGES_KEPT:]]
        )
        for latest in self._latest:
            latest.added(full)

    def _note(self, batch: Batch) -> None:
        execute = self._connection.execute
        execute("DELETE FROM changes WHERE rev <= (SELECT max(rev) FROM changes) - ?", (CHANGES_KEPT,))
        for position in batch.positions:
            execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
                (position.print, position.path, position.offset, position.size, position.damaged),
            )
        if batch.first:
            self._widen("since", batch.first, min)
        if batch.last:
            self._widen("until", batch.last, max)

    def _widen(self, name: str, time: int, pick: object) -> None:
        sign = "min" if pick is min else "max"
        self._connection.execute(
            "INSERT INTO facts_about VALUES (?, ?) ON CONFLICT DO UPDATE SET "  # noqa: S608
            f"value = CAST({sign}(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER)) AS TEXT)",
            (name, str(time)),
        )

    def retain(self, oldest: int, most_bytes: int) -> bool:
        """Forget a segment that is older than `oldest` (nanoseconds), or too much; whether there may be another."""
        segment = self._segments.oldest
        too_old = segment is not None and len(self._segments) > 1 and segment.newest < oldest
        if not too_old and (len(self._segments) < 2 or self.size() <= most_bytes):
            return False
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            start = self._segments.drop_oldest(self._connection)
            self._postings.forget()
            forget_before(self._connection, start)
            forget_renames(self._connection, start)
            self._connection.execute("DELETE FROM links WHERE time < ?", (start,))
            self._connection.execute("DELETE FROM waiting WHERE time < ?", (start,))
            self._connection.execute("INSERT OR REPLACE INTO facts_about VALUES ('since', ?)", (str(start),))
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            self._load()
            raise
        return True

    def size(self) -> int:
        """The bytes that the index holds; pages that were freed are used again and do not count."""
        pages, free, page = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * page)
