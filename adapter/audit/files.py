"""The files of a log: the one that grows, those that rotation left behind, compressed or not.

A file is known by its first line, which holds a time and a request's id: under whatever name and inode it comes again,
it is read on from where it was left. One that was emptied or replaced has another first line, so it is a new one.
"""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

Source = BinaryIO | gzip.GzipFile
CHUNK = 16_000_000
LONGEST = 64_000_000
"""Bytes of a line; a longer one is passed over."""

BROKEN = (OSError, EOFError, zlib.error)
"""What reading a file raises that is moved, not whole, or damaged as a compressed one."""

_HEAD = 4096
_GZIP = b"\x1f\x8b"


def absolute(path: Path) -> Path:
    """A path of the settings as the adapter opens it. Raises RuntimeError for a home that does not exist."""
    return path.expanduser().absolute()


def log_files(log: Path) -> list[Path]:
    """A log's files, oldest first: `audit.log.2.gz`, `audit.log-20261101`, `audit.log`."""
    found = []
    with suppress(OSError):
        for entry in os.scandir(log.parent):
            if entry.name == log.name or entry.name.startswith((f"{log.name}.", f"{log.name}-")):
                with suppress(OSError):
                    about = entry.stat()
                    if stat.S_ISREG(about.st_mode):
                        found.append((entry.name == log.name, about.st_mtime_ns, Path(entry.path)))
    return [path for _, _, path in sorted(found)]


def open_log(path: Path) -> Source:
    """A file of a log, uncompressed. Raises OSError."""
    file = path.open("rb")
    if file.read(2) == _GZIP:
        file.seek(0)
        return gzip.open(file)
    file.seek(0)
    return file


def print_of(file: Source) -> str | None:
    """What a file is known by; None while its first line is not whole. Raises OSError, EOFError."""
    file.seek(0)
    head = file.read(_HEAD)
    line, newline, _ = head.partition(b"\n")
    if not newline and len(head) < _HEAD:
        return None
    return blake2b(line, digest_size=16).hexdigest()


def whole_lines(file: Source, offset: int) -> Iterator[tuple[list[bytes], int]]:
    """The whole lines from `offset` on, some megabytes at a time, each with the offset after them.

    What is after the last line's end stays for the next time. Raises OSError, EOFError (a compressed file cut off).
    """
    file.seek(offset)
    rest = b""
    skipping = False
    while data := file.read(CHUNK):
        end = data.rfind(b"\n")
        if end < 0:
            rest = b"" if skipping else rest + data
            if skipping:
                offset += len(data)
            elif len(rest) > LONGEST:
                offset, rest, skipping = offset + len(rest), b"", True
            continue
        offset += len(rest) + end + 1
        lines = data.split(b"\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()
        yield (lines[1:] if skipping else lines), offset
        skipping = False
