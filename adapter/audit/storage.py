"""The index's file: SQLite in WAL mode, many readers and one writer. A cache of the log: without it, it is made anew.

Events lie in segments of about 65 000, each of a span of time. For each word of each column (`Dim`) a segment has a
compressed bitmap of the events that carry it, so any filter is an intersection of bitmaps.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import uuid
from enum import IntEnum
from pathlib import Path

from adapter.audit.paths import Layout

SCHEMA = 8
"""Counted up with each change of what the index holds; another one is set aside."""

SEGMENT = 65_536
POSITION_BITS = 32
"""An event's id is its segment's number, then its position in it."""

SCRIPT = """
CREATE TABLE facts_about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE words (id INTEGER PRIMARY KEY, dim INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (dim, text));
CREATE TABLE segments (id INTEGER PRIMARY KEY, start INTEGER NOT NULL, n INTEGER NOT NULL, newest INTEGER NOT NULL,
    late INTEGER NOT NULL);
CREATE TABLE events (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, request BLOB NOT NULL, time INTEGER NOT NULL,
    act INTEGER, outcome INTEGER, actor INTEGER, kind INTEGER, entity INTEGER, role INTEGER, secret INTEGER,
    scope INTEGER, version INTEGER, reason INTEGER, component INTEGER, client INTEGER, address INTEGER, flags INTEGER,
    parts BLOB);
CREATE TABLE keys (seg INTEGER, key INTEGER, pos INTEGER, PRIMARY KEY (seg, key, pos)) WITHOUT ROWID;
CREATE TABLE postings (dim INTEGER, word INTEGER, seg INTEGER, bits BLOB, PRIMARY KEY (dim, word, seg)) WITHOUT ROWID;
CREATE TABLE links (key INTEGER PRIMARY KEY, time INTEGER, body BLOB NOT NULL);
CREATE TABLE waiting (link INTEGER, key INTEGER, time INTEGER, PRIMARY KEY (link, key)) WITHOUT ROWID;
CREATE TABLE memberships (name INTEGER, time INTEGER, request BLOB, key INTEGER NOT NULL, members BLOB NOT NULL,
    PRIMARY KEY (name, time, request)) WITHOUT ROWID;
CREATE TABLE last_use (secret INTEGER PRIMARY KEY, time INTEGER NOT NULL);
CREATE TABLE used_by (secret INTEGER, component INTEGER, time INTEGER NOT NULL, PRIMARY KEY (secret, component))
    WITHOUT ROWID;
CREATE TABLE last_made (secret INTEGER PRIMARY KEY, time INTEGER NOT NULL, version INTEGER, actor INTEGER,
    kind INTEGER, act INTEGER);
CREATE TABLE carried (link INTEGER PRIMARY KEY, time INTEGER NOT NULL, secret TEXT NOT NULL, dest TEXT NOT NULL);
CREATE TABLE removals (request BLOB PRIMARY KEY, time INTEGER NOT NULL, secret TEXT NOT NULL, link INTEGER NOT NULL,
    state INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX removals_of ON removals (secret, time);
CREATE INDEX removals_with ON removals (link) WHERE link != 0;
CREATE TABLE changes (rev INTEGER PRIMARY KEY AUTOINCREMENT, event INTEGER NOT NULL);
CREATE TABLE files (print TEXT PRIMARY KEY, path TEXT NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL,
    damaged INTEGER NOT NULL) WITHOUT ROWID;
"""


class Dim(IntEnum):
    """The columns that hold words, and `ALL`, every event, and `TOKEN`, of names and reasons.

    The numbers stand in the file.
    """

    ALL = 0
    ACT = 1
    OUTCOME = 2
    ACTOR = 3
    KIND = 4
    ENTITY = 5
    ROLE = 6
    SECRET = 7
    SCOPE = 8
    REASON = 9
    COMPONENT = 10
    CLIENT = 11
    ADDRESS = 12
    FLAG = 13
    TOKEN = 14


def tokens(text: str) -> list[str]:
    """What of a name or a reason one may search for: its parts between spaces and slashes, in lower case."""
    return text.lower().replace("/", " ").split()


class Unusable(Exception):
    """The file is corrupt, or of another version of this program."""


class Outdated(Unusable):
    """It is of an older version of this program: nothing in it is worth keeping."""


def open_index(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """A connection to the index. Raises Unusable, sqlite3.OperationalError, OSError."""
    if write:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=10)
    try:
        return _prepared(connection, write)
    except sqlite3.OperationalError:
        connection.close()
        raise
    except Unusable:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        raise Unusable(str(error)) from None


def _prepared(connection: sqlite3.Connection, write: bool) -> sqlite3.Connection:
    connection.execute("PRAGMA cache_size = -32000")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    empty = version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    if not empty and version != SCHEMA:
        kind = Outdated if 0 < version < SCHEMA else Unusable
        raise kind(f"it is of version {version}, this program's is {SCHEMA}")
    if not write:
        if empty:
            raise sqlite3.OperationalError("the index is being made")
        connection.execute("PRAGMA query_only = ON")
        return connection
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if empty:
        connection.executescript(f"BEGIN; {SCRIPT}")
        connection.execute("INSERT INTO facts_about VALUES ('generation', ?)", (uuid.uuid4().hex[:12],))
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    return connection


def check_layout(connection: sqlite3.Connection, layout: Layout) -> None:
    """Remember for which mounts the index is. Raises Unusable when it is for others."""
    wanted = "|".join((layout.mount, layout.approle, layout.namespace, *layout.sign_ins))
    row = connection.execute("SELECT value FROM facts_about WHERE name = 'layout'").fetchone()
    if row is None:
        connection.execute("INSERT INTO facts_about VALUES ('layout', ?)", (wanted,))
    elif row[0] != wanted:
        raise Unusable("it is for another mount")


def set_aside(path: Path) -> Path:
    """Rename an index that cannot be used, so that nobody loses what they may want to look at. Raises OSError."""
    aside = path.with_name(f"{path.name}.unusable-{time.strftime('%Y%m%dT%H%M%S')}")
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(f"{aside}{suffix}")
    return aside


def remove_index(path: Path) -> None:
    """Raises OSError."""
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


class Connections:
    """A reading connection for each thread; a file that was replaced is opened anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def get(self) -> sqlite3.Connection:
        """Raises Unusable, sqlite3.OperationalError, OSError."""
        inode = self._path.stat().st_ino
        kept: tuple[int, sqlite3.Connection] | None = getattr(self._local, "kept", None)
        if kept is not None and kept[0] == inode:
            return kept[1]
        if kept is not None:
            kept[1].close()
        connection = open_index(self._path)
        self._local.kept = (inode, connection)
        return connection


def about(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM facts_about WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None
