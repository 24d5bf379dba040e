"""A log that comes from another machine, kept byte for byte as it is there, so that it is read like one of here.

The file that grows has the log's own name; one that another came after is `<name>-<its print>` from then on.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from adapter.audit.files import print_of


class Displaced(Exception):
    """What was sent does not go on where the file ends; `offset` is where it does."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Spool:
    """`log`: the file that the adapter reads. Raises OSError."""

    log: Path

    def offset(self, print: str) -> int:
        """How much of the file of that print is here."""
        path = self._found(print)
        return path.stat().st_size if path else 0

    def add(self, print: str, offset: int, content: bytes) -> int:
        """The size of the file with `content` at its end, on the disk. Raises Displaced."""
        with self._alone():
            path = self._found(print)
            size = path.stat().st_size if path else 0
            if offset != size:
                raise Displaced(size)
            if path is None:
                self._make_room()
                path = self.log
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            return size + len(content)

    def _found(self, print: str) -> Path | None:
        aside = self._aside(print)
        if aside.exists():
            return aside
        return self.log if self._print_of_log() == print else None

    def _aside(self, print: str) -> Path:
        return self.log.with_name(f"{self.log.name}-{print}")

    def _print_of_log(self) -> str | None:
        with suppress(FileNotFoundError), self.log.open("rb") as file:
            return print_of(file)
        return None

    def _make_room(self) -> None:
        """A file begins under the log's name; one without a whole line was cut off by a crash, and comes again."""
        known = self._print_of_log()
        if known is not None:
            self.log.rename(self._aside(known))
        else:
            self.log.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The only one of all adapter processes of this host that writes."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.log.with_name(f".{self.log.name}.lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)
