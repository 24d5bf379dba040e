"""Seals of the log: signed digests of its lines, chained one to the other, and the lines' own digests beside them.

`seals.jsonl` has a line a seal; `<print>.lines` the digest of each sealed line of one log file, 16 bytes each, by which
a line that was changed, removed or inserted can be named. Whoever changes these files cannot sign them anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path

import msgspec

DIGEST = 16
"""Bytes of a line's digest."""

_TAIL = 1 << 16
"""Bytes at the end of the seals; one is far shorter."""

BEGINNING = "0" * 64
"""What the first seal follows."""


class Seal(msgspec.Struct, frozen=True):
    """The lines `first` to `first + lines - 1` (from 0) of one log file, which end at `offset`.

    `previous` and `digest` are SHA-256 in hex; `signature` is Transit's, of `digest`.
    """

    number: int
    time: str
    print: str
    path: str
    first: int
    lines: int
    offset: int
    previous: str
    digest: str
    signature: str = ""


def digest_of(line: bytes) -> bytes:
    return blake2b(line, digest_size=DIGEST).digest()


def chained(previous: str, print: str, first: int, digests: bytes) -> str:
    """The digest of a seal: of the one before it, the file, the place in it, and all its lines' digests."""
    head = f"{previous}\n{print}\n{first}\n{len(digests) // DIGEST}\n".encode()
    return sha256(head + digests).hexdigest()


@dataclass(frozen=True, slots=True)
class SealBook:
    """The folder with the seals. Raises OSError."""

    folder: Path

    @property
    def _seals(self) -> Path:
        return self.folder / "seals.jsonl"

    def _lines(self, print: str) -> Path:
        return self.folder / f"{print}.lines"

    def seals(self) -> tuple[list[Seal], int]:
        """All that can be read, and how many lines cannot. A last line that a crash cut off is not there yet."""
        try:
            text = self._seals.read_bytes()
        except FileNotFoundError:
            return [], 0
        found, damaged = [], 0
        *lines, last = text.split(b"\n")
        for line in filter(None, lines):
            seal = _decoded(line)
            if seal is None:
                damaged += 1
            else:
                found.append(seal)
        unended = _decoded(last)
        return ([*found, unended] if unended else found), damaged

    def digests(self, print: str) -> bytes:
        """Of each sealed line of a file; shorter, or longer by what was never sealed, after a crash."""
        try:
            return self._lines(print).read_bytes()
        except FileNotFoundError:
            return b""

    def add(self, seal: Seal, digests: bytes) -> None:
        """The lines' digests first, at their place, then the seal: one that was written has its digests."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(self._lines(seal.print), os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            file.seek(seal.first * DIGEST)
            file.write(digests)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        with open(os.open(self._seals, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            last = file.read().rpartition(b"\n")[2]
            if last and _decoded(last):
                file.write(b"\n")
            elif last:  # a seal that was never written whole
                file.seek(-len(last), os.SEEK_END)
                file.truncate()
            file.write(msgspec.json.encode(seal) + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _decoded(line: bytes) -> Seal | None:
    try:
        return msgspec.json.decode(line, type=Seal)
    except msgspec.DecodeError:
        return None


def newest_of_each(seals: Iterable[Seal]) -> dict[str, Seal]:
    """The last seal of each file, by its print."""
    return {seal.print: seal for seal in seals}
