"""The log against its seals: which line was changed, removed or inserted, and what is not there any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path

from adapter.audit.files import BROKEN, log_files, open_log, print_of, whole_lines
from adapter.audit.pairing import time_of
from adapter.audit.seals import BEGINNING, DIGEST, Seal, SealBook, chained, digest_of

COMPARED = 20_000
"""The most lines of a stretch that differs which are compared one by one."""

IN_FLIGHT = 2
"""Seals that the log may speak of and the book not have: one that is being made, one whose writing a crash cut off."""

_UNKNOWN_SEALINGS = (
    "The log speaks of {} sealings after the last seal: seals were removed, or are kept in another folder."
)

Genuine = Callable[[Seal], bool]
"""Whether a seal's signature is the vault's."""


class Kind(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    GONE = "gone"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Damage:
    """`lines` counts from 1, in the file as it is now; `what` is a sentence."""

    kind: Kind
    path: str
    lines: tuple[int, int]
    what: str


@dataclass(slots=True)
class Verdict:
    """`sealed`: lines that are as they were sealed; `unsealed`: those after the last seal; `until`: its time."""

    damages: list[Damage] = field(default_factory=list)
    sealed: int = 0
    unsealed: int = 0
    seals: int = 0
    until: str | None = None


@dataclass(slots=True)
class _File:
    path: Path
    print: str
    digests: bytes
    own: list[int]
    times: Callable[[int], str]

    @property
    def lines(self) -> int:
        return len(self.digests) // DIGEST


def verify(logs: Iterable[Path], book: SealBook, genuine: Genuine, own: bytes) -> Verdict:
    """Look at every seal and every line that one covers. `own`: what a line holds that sealing made. Raises OSError."""
    seals, damaged = book.seals()
    verdict = Verdict(seals=len(seals), until=seals[-1].time if seals else None)
    if damaged:
        verdict.damages.append(_forged("seals.jsonl", f"{damaged} lines of seals.jsonl cannot be read."))
    written = {print: book.digests(print) for print in dict.fromkeys(seal.print for seal in seals)}
    trusted = _trusted(seals, written, genuine, verdict)
    by_log = [[file for path in log_files(log) if (file := _read(path, own)) is not None] for log in logs]
    files = [file for some in by_log for file in some]
    for print, count in trusted.items():
        sealed = written[print][: count * DIGEST]
        path = next(seal.path for seal in reversed(seals) if seal.print == print)
        _compare(sealed, path, _file_for(print, sealed, files), verdict)
    verdict.unsealed = sum(max(0, file.lines - trusted.get(file.print, 0)) for file in files)
    missing = max((_sealings_after(some, trusted) for some in by_log), default=0)
    if missing > max(IN_FLIGHT, len(_last_round(seals)) + 1):
        verdict.damages.append(_forged("seals.jsonl", _UNKNOWN_SEALINGS.format(missing)))
    return verdict


def _trusted(seals: Sequence[Seal], written: Mapping[str, bytes], genuine: Genuine, verdict: Verdict) -> dict[str, int]:
    """How many lines of each file its seals, one after the other, vouch for. `written`: each file's lines' digests."""
    previous, covered = BEGINNING, Counter[str]()
    for at, seal in enumerate(seals):
        digests = written[seal.print][seal.first * DIGEST : (seal.first + seal.lines) * DIGEST]
        problem = _problem(seal, at, previous, covered[seal.print], digests)
        if problem is None and not genuine(seal):
            problem = "is not signed by the vault"
        if problem is not None:
            verdict.damages.append(_forged(seal.path, f"Seal {seal.number}, of {seal.time}, {problem}."))
            return dict(covered)
        previous = seal.digest
        covered[seal.print] = seal.first + seal.lines
    return dict(covered)


def _problem(seal: Seal, at: int, previous: str, covered: int, digests: bytes) -> str | None:
    if seal.number != at + 1 or seal.previous != previous:
        return "does not follow the one before it: seals were removed or changed"
    if seal.first != covered:
        return "does not begin where the one before it ended"
    if seal.digest != chained(previous, seal.print, seal.first, digests):
        return "does not fit the digests of its lines"
    return None


def _read(path: Path, own: bytes) -> _File | None:
    with suppress(*BROKEN), open_log(path) as file:
        known = print_of(file)
        if known is None:
            return None
        digests = bytearray()
        mine: list[int] = []
        count = 0
        for lines, _ in whole_lines(file, 0):
            digests += b"".join(map(digest_of, lines))
            mine += [count + at for at, line in enumerate(lines) if own in line and b'"type":"response"' in line]
            count += len(lines)
        return _File(path, known, bytes(digests), mine, lambda number: _time(path, number))
    return None


def _time(path: Path, number: int) -> str:
    """When the line was written (counted from 0); empty where it does not say."""
    with suppress(*BROKEN), open_log(path) as file:
        at = 0
        for lines, _ in whole_lines(file, 0):
            if number < at + len(lines):
                return _written_at(lines[number - at])
            at += len(lines)
    return ""


def _written_at(line: bytes) -> str:
    return time_of(line)[:40]


def _file_for(print: str, sealed: bytes, files: Sequence[_File]) -> _File | None:
    """The file of that print; else the one that shares most with it: its first line was what was changed."""
    same = next((file for file in files if file.print == print), None)
    if same is not None:
        return same
    wanted = set(_each(sealed))
    shared = {id(file): sum(digest in wanted for digest in _each(file.digests)) for file in files}
    best = max(files, key=lambda file: shared[id(file)], default=None)
    return best if best is not None and shared[id(best)] * 2 * DIGEST > len(sealed) else None


def _each(digests: bytes, first: int = 0) -> list[bytes]:
    """The digests one by one, from the line `first` on."""
    return [digests[at : at + DIGEST] for at in range(first * DIGEST, len(digests), DIGEST)]


def _same_lines(sealed: bytes, now: bytes) -> int:
    """How many lines at the beginning are the same."""
    low, high = 0, min(len(sealed), len(now)) // DIGEST
    while low < high:
        middle = (low + high + 1) // 2
        if sealed[low * DIGEST : middle * DIGEST] == now[low * DIGEST : middle * DIGEST]:
            low = middle
        else:
            high = middle - 1
    return low


def _compare(all_sealed: bytes, path: str, file: _File | None, verdict: Verdict) -> None:
    if file is None:
        count = len(all_sealed) // DIGEST
        what = f"{path}: the file is not there any more; {count} of its lines were sealed."
        verdict.damages.append(Damage(Kind.GONE, path, (1, count), what))
        return
    start = _same_lines(all_sealed, file.digests)
    verdict.sealed += start
    sealed, now = _each(all_sealed, start), _each(file.digests, start)
    if not sealed:
        return
    end = _end(sealed, now)
    behind = _common_end(sealed, now[:end])
    left, right = sealed[: len(sealed) - behind], now[: end - behind]
    if max(len(left), len(right)) > COMPARED:
        what = f"{file.path}: from line {start + 1} on it is not what was sealed."
        verdict.damages.append(Damage(Kind.CHANGED, str(file.path), (start + 1, start + len(right)), what))
        return
    verdict.sealed += behind
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            verdict.sealed += b - a
        else:
            verdict.damages.append(_named(tag, file, start + a, start + b, start + c, start + d))


def _end(sealed: Sequence[bytes], now: Sequence[bytes]) -> int:
    """Where in the file the sealed lines end: after the last of them, if it is still there."""
    for at in range(len(now) - 1, -1, -1):
        if now[at] == sealed[-1]:
            return at + 1
    return min(len(sealed), len(now))


def _common_end(sealed: Sequence[bytes], now: Sequence[bytes]) -> int:
    pairs = zip(reversed(sealed), reversed(now), strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(sealed), len(now)))


def _named(tag: str, file: _File, a: int, b: int, c: int, d: int) -> Damage:
    """Sealed lines `a` to `b` stand now at `c` to `d`, counted from 0, the ends left out."""
    path = str(file.path)
    after = file.times(c - 1) if c else ""
    when = f" (after {after})" if after else ""
    if tag == "delete":
        count = f"{b - a} lines were" if b - a > 1 else "a line was"
        return Damage(Kind.REMOVED, path, (c, c), f"{path}: {count} removed after line {c}{when}.")
    where = f"line {c + 1}" if d - c == 1 else f"lines {c + 1} to {d}"
    verb = "was" if d - c == 1 else "were"
    if tag == "insert":
        return Damage(Kind.INSERTED, path, (c + 1, d), f"{path}: {where} {verb} inserted{when}.")
    was = f", where {b - a} lines had been sealed" if b - a != d - c else ""
    return Damage(Kind.CHANGED, path, (c + 1, d), f"{path}: {where} {verb} changed{was}{when}.")


def _sealings_after(files: Sequence[_File], trusted: Mapping[str, int]) -> int:
    """How many sealings a log tells of after its last line that is known to be sealed: all, where none is.

    `files`: oldest first. The log itself tells of each sealing, so seals that were cut off at the end are missed.
    """
    sealings, seen = 0, set[str]()
    for file in reversed(files):
        if file.print not in seen:
            seen.add(file.print)
            sealings += sum(line >= trusted.get(file.print, 0) for line in file.own)
        if file.print in trusted:
            break
    return sealings


def _last_round(seals: Sequence[Seal]) -> set[str]:
    """The files that were sealed last, each once: the log has these sealings after what they seal."""
    found: set[str] = set()
    for seal in reversed(seals):
        if seal.print in found:
            break
        found.add(seal.print)
    return found


def _forged(path: str, what: str) -> Damage:
    return Damage(Kind.FORGED, path, (0, 0), what)
