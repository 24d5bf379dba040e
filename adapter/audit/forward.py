"""What of a log an adapter elsewhere does not have yet, file by file, as it grows."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from adapter.audit.files import BROKEN, log_files, open_log, print_of


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of the file of that print, from `offset` on."""

    print: str
    offset: int
    content: bytes


@dataclass(slots=True)
class Outgoing:
    """`sent`: how much of each file is there, by its print; asked of the adapter once a file."""

    logs: tuple[Path, ...]
    size: int
    sent: dict[str, int] = field(default_factory=dict)
    _whole: dict[Path, tuple[int, int, int]] = field(default_factory=dict)
    _compressed: dict[str, gzip.GzipFile] = field(default_factory=dict, repr=False)

    def unknown(self) -> list[str]:
        """The prints of files of which it is not known how much was sent, oldest first."""
        found = []
        for path in self._paths():
            with suppress(*BROKEN), open_log(path) as file:
                known = print_of(file)
                if known is not None and known not in self.sent and known not in found:
                    found.append(known)
        return found

    def pieces(self) -> Iterator[Piece]:
        """One piece of each file that has more, oldest first; a file of which all was sent is not opened again."""
        for path in self._paths():
            signature = _signature(path)
            if signature is None or self._whole.get(path) == signature:
                continue
            try:
                piece = self._piece(path)
            except BROKEN:  # moved meanwhile, or not whole: nothing more comes of it until it changes
                self._whole[path] = signature
                continue
            if piece is not None and piece.content:
                yield piece
            elif piece is not None:
                self._whole[path] = signature

    def _piece(self, path: Path) -> Piece | None:
        """What comes next of a file, empty at its end; None while it is not known how much was sent."""
        with open_log(path) as file:
            known = print_of(file)
            if known is None or known not in self.sent:
                return None
            if isinstance(file, gzip.GzipFile):
                return Piece(known, self.sent[known], self._read_on(known, path))
            file.seek(self.sent[known])
            return Piece(known, self.sent[known], file.read(self.size))

    def _read_on(self, known: str, path: Path) -> bytes:
        """More of a compressed file, which stays open: each search for a place in it would read it from the start."""
        file = self._compressed.get(known)
        if file is None:
            file = self._compressed[known] = gzip.open(path)  # noqa: SIM115
        try:
            file.seek(self.sent[known])
            content = file.read(self.size)
        except BaseException:
            self._compressed.pop(known).close()
            raise
        if not content:
            self._compressed.pop(known).close()
        return content

    def _paths(self) -> list[Path]:
        return [path for log in self.logs for path in log_files(log)]


def _signature(path: Path) -> tuple[int, int, int] | None:
    """By which a file is told to have changed; None for one that is gone."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_ino, about.st_size, about.st_mtime_ns
