"""Brings the log's files into the index: all of them once, then what is new as it is written."""

from __future__ import annotations

import gc
import gzip
import os
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from adapter.audit.files import Source, log_files, open_log, print_of, whole_lines
from adapter.audit.pairing import read_lines
from adapter.audit.paths import Layout
from adapter.audit.writer import FilePosition, IndexWriter

LOOK_AROUND = 1.0
"""Seconds between two looks for files that rotation moved or made."""

FORGET_AFTER = 600.0
"""Seconds for which a file that was rotated away is still watched: Vault writes to it until it is told (SIGHUP)."""


OBJECTS_MADE = 10_000
"""After how many new objects the garbage collector looks for cycles: a batch makes many, and no cycle."""


AT_REST = 60.0
"""Seconds after which a compressed file that is not whole is not being written any more."""

DAMAGED = (zlib.error, gzip.BadGzipFile)


@dataclass(slots=True)
class Tail:
    """A file that grows: open, so that it is read on under whatever name it gets."""

    path: Path
    file: Source = field(repr=False)
    print: str
    seen: float


class Indexer:
    """One pass after the other over the logs. Raises sqlite3.Error, OSError; may be called again after either."""

    def __init__(
        self, logs: Iterable[Path], writer: IndexWriter, layout: Layout, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._logs = tuple(logs)
        self._writer = writer
        self._layout = layout
        self._clock = clock
        self._positions = writer.positions()
        self._tails: dict[str, Tail] = {}
        self._done: dict[Path, tuple[int, int, int]] = {}
        self._looked = -LOOK_AROUND
        self._ended: Callable[[], bool] = lambda: False
        self._broken: set[Path] = set()
        often, *rest = gc.get_threshold()
        gc.set_threshold(max(often, OBJECTS_MADE), *rest)

    def step(self, ended: Callable[[], bool] = lambda: False) -> int:
        """Read what is new; how many lines that was. `ended`: whether to stop at the next batch."""
        self._ended = ended
        read = 0
        if self._clock() - self._looked >= LOOK_AROUND or self._is_rotated():
            read += self._look_around()
            self._looked = self._clock()
        for tail in list(self._tails.values()):
            read += self._read_tail(tail)
        return read

    @property
    def problem(self) -> str | None:
        """Words for compressed files that cannot be read to their end, and are not being written."""
        names = [path.name for path in sorted(self._broken) if _is_at_rest(path)]
        return f"Damaged, so that not all of it is in this view: {', '.join(names)}." if names else None

    def close(self) -> None:
        for tail in self._tails.values():
            tail.file.close()
        self._tails.clear()

    def _is_rotated(self) -> bool:
        """Whether a log's name belongs to another file than the one that is followed under it."""
        followed = {tail.path: os.fstat(tail.file.fileno()).st_ino for tail in self._tails.values()}
        for log in self._logs:
            try:
                if followed.get(log) != log.stat().st_ino:
                    return True
            except OSError:
                continue
        return False

    def _look_around(self) -> int:
        read = 0
        for log in self._logs:
            for path in log_files(log):
                read += self._visit(path, follow=path == log)
        now = self._clock()
        for tail in list(self._tails.values()):
            if now - tail.seen > FORGET_AFTER and tail.path not in self._logs:
                tail.file.close()
                del self._tails[tail.print]
        return read

    def _visit(self, path: Path, *, follow: bool) -> int:
        try:
            about = path.stat()
            signature = (about.st_ino, about.st_size, about.st_mtime_ns)
            if self._done.get(path) == signature:
                return 0
            file = open_log(path)
        except OSError:  # moved or removed since it was listed; looked for again the next time
            return 0
        try:
            known = print_of(file)
            if known is None:
                file.close()
                return 0
            if known in self._tails:
                self._tails[known].path = path
                file.close()
                return 0
            position = self._positions.get(known, FilePosition(known, str(path), 0))
            if about.st_size < position.offset and not _is_gzip(file):  # cut: what is glued to its end now is new
                position = FilePosition(known, str(path), 0)
            compressed = position.size == about.st_size and str(path) == position.path
            read = 0 if compressed and _is_gzip(file) else self._read(file, position, about.st_size)
        except (EOFError, *DAMAGED):  # a compressed file that is not whole yet, or never will be
            file.close()
            self._done[path] = signature
            self._broken.add(path)
            return 0
        self._broken.discard(path)
        if follow and not _is_gzip(file):
            self._tails[known] = Tail(path, file, known, self._clock())
        else:
            file.close()
            self._done[path] = signature
        return read

    def _read_tail(self, tail: Tail) -> int:
        size = os.fstat(tail.file.fileno()).st_size
        position = self._positions.get(tail.print, FilePosition(tail.print, str(tail.path), 0))
        if size == position.offset:
            return 0
        if size < position.offset or print_of(tail.file) != tail.print:  # emptied in place, or cut
            tail.file.close()
            del self._tails[tail.print]
            self._done.pop(tail.path, None)
            return self._visit(tail.path, follow=tail.path in self._logs)
        read = self._read(tail.file, position, size)
        if read:
            tail.seen = self._clock()
        return read

    def _read(self, file: Source, position: FilePosition, size: int) -> int:
        read = 0
        path = str(getattr(file, "name", position.path))
        for lines, offset in whole_lines(file, position.offset):
            batch, damaged = read_lines(lines, self._layout)
            position = FilePosition(position.print, path, offset, size, position.damaged + damaged)
            batch.positions.append(position)
            self._writer.add(batch)
            self._positions[position.print] = position
            read += len(lines)
            if self._ended():
                break
        return read


def _is_at_rest(path: Path) -> bool:
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > AT_REST
    return False


def _is_gzip(file: Source) -> bool:
    return isinstance(file, gzip.GzipFile)
