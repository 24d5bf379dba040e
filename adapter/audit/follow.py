"""The thread that keeps the index up to date while an adapter runs: of all processes of a host, one writes."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapter.audit.indexer import Indexer
from adapter.audit.paths import Layout
from adapter.audit.storage import Outdated, Unusable, remove_index, set_aside
from adapter.audit.writer import IndexWriter

log = logging.getLogger(__name__)

POLL = 0.05
"""Seconds between two looks at the log."""

TRY_AGAIN = 2.0
"""Seconds after a failure, or while another process writes."""

TIDY_EVERY = 60.0
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Place:
    """Which logs are read, into which index, what of it is kept."""

    logs: tuple[Path, ...]
    index: Path
    layout: Layout
    keep_days: int = 400
    keep_bytes: int = 4_000_000_000


class WriterLock:
    """Held by the one process that writes an index; it ends with the process, however that ends."""

    def __init__(self, index: Path) -> None:
        self._path = index.with_name(f"{index.name}.lock")
        self._file = -1

    def acquire(self) -> bool:
        """Whether it is ours now. Raises OSError when there can be no such file."""
        if self._file >= 0:
            return True
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def open_writer(place: Place) -> tuple[IndexWriter, str | None]:
    """The writer, and words about an index that was set aside to make it. Raises sqlite3.Error, OSError."""
    try:
        return IndexWriter(place.index, place.layout), None
    except Outdated:
        remove_index(place.index)
        return IndexWriter(place.index, place.layout), None
    except Unusable as error:
        aside = set_aside(place.index)
        return IndexWriter(place.index, place.layout), f"The index could not be used ({error}); it is now {aside.name}."


def rebuild(place: Place) -> int:
    """Make the index anew from the logs; how many lines there were. Raises sqlite3.Error, OSError."""
    remove_index(place.index)
    writer = IndexWriter(place.index, place.layout)
    try:
        indexer = Indexer(place.logs, writer, place.layout)
        try:
            read = indexer.step()
        finally:
            indexer.close()
        tidy(place, writer)
        return read
    finally:
        writer.close()


def tidy(place: Place, writer: IndexWriter) -> None:
    """Forget what is older, or more, than is to be kept."""
    oldest = (int(time.time()) - place.keep_days * DAY) * 1_000_000_000
    while writer.retain(oldest, place.keep_bytes):
        pass


class Follower:
    """`problem`: why the view falls behind, in words; `notice`: what was done about an index that could not be used."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = WriterLock(place.index)
        self.problem: str | None = None
        self.notice: str | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="audit-index", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread, and waits for the batch that it is at."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if self._lock.acquire():
                    self._follow()
            except sqlite3.OperationalError as error:
                self.problem = f"The index cannot be written: {error}."
            except sqlite3.DatabaseError as error:
                self.problem = f"The index is damaged: {error}."
                with suppress(OSError):
                    self.notice = f"It is now {set_aside(self._place.index).name}, and made anew."
            except OSError as error:
                self.problem = f"The log or the index cannot be read or written: {os.strerror(error.errno or 0)}."
            except Exception as error:  # noqa: BLE001  the named boundary of this thread
                log.error("unforeseen %s while reading the audit log", type(error).__name__)  # noqa: TRY400
                self.problem = f"Something went wrong while reading the log ({type(error).__name__})."
            self._stop.wait(TRY_AGAIN)
        self._lock.release()

    def _follow(self) -> None:
        writer, notice = open_writer(self._place)
        self.notice = notice or self.notice
        indexer = Indexer(self._place.logs, writer, self._place.layout)
        tidied = 0.0
        try:
            while not self._stop.is_set():
                indexer.step(self._stop.is_set)
                self.problem = unreadable(self._place.logs) or indexer.problem
                if time.monotonic() - tidied > TIDY_EVERY:
                    tidy(self._place, writer)
                    tidied = time.monotonic()
                self._stop.wait(POLL)
        finally:
            indexer.close()
            writer.close()


def unreadable(logs: Sequence[Path]) -> str | None:
    """Words for the first log that is not there, or that this process may not read."""
    for log in logs:
        if not log.exists():
            return f"The log {log} is not there."
        if not os.access(log, os.R_OK):
            return f"The log {log} may not be read by this process."
    return None
