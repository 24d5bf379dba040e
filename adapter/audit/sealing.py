"""What of the log is not sealed yet, file by file, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapter.audit.files import BROKEN, log_files, open_log, print_of, whole_lines
from adapter.audit.seals import Seal, digest_of, newest_of_each


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Whole lines of one file that no seal covers: their digests, and the offset after them."""

    print: str
    path: Path
    first: int
    digests: bytes
    count: int
    offset: int


def unsealed(logs: Iterable[Path], seals: Iterable[Seal], own: bytes) -> Iterator[Unsealed]:
    """`own`: what a line holds that sealing itself made; a file with no other new lines is left for later."""
    newest = newest_of_each(seals)
    seen: set[str] = set()
    for log in logs:
        for path in log_files(log):
            with suppress(*BROKEN):  # moved meanwhile, or not written whole yet: found the next time
                found = _of_file(path, newest, seen, own)
                if found is not None:
                    yield found


def _of_file(path: Path, newest: dict[str, Seal], seen: set[str], own: bytes) -> Unsealed | None:
    with open_log(path) as file:
        known = print_of(file)
        if known is None or known in seen:
            return None
        seen.add(known)
        last = newest.get(known)
        first, offset = (last.first + last.lines, last.offset) if last else (0, 0)
        digests, count, others = bytearray(), 0, 0
        for lines, after in whole_lines(file, offset):
            offset = after
            count += len(lines)
            others += sum(own not in line for line in lines)
            digests += b"".join(map(digest_of, lines))
    return Unsealed(known, path, first, bytes(digests), count, offset) if others else None
