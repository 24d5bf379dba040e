"""Where a string stands in the log: by its keyed hash, which only the vault can make.

Whole strings only: a part of one, or one with another character, has another hash. Each audit device has a key of its
own, so a log is searched for the hash of each. Tokens and accessors are hashed in the same way, so a token that was
found somewhere shows what was done with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapter.audit.facts import Fact, classify
from adapter.audit.files import BROKEN, log_files, open_log, whole_lines
from adapter.audit.lines import UNREADABLE, Line, decode_line, mended, nanoseconds
from adapter.audit.paths import Layout

MOST = 1000
"""Requests that are named: half of them the first ones, half of them the last."""

DEEP = "(nested too deeply to say where)"
HASHING = "sys/audit-hash/"
"""Its lines hold the hash because somebody asked for it."""


@dataclass(slots=True)
class Carried:
    """One request that carries the string; `fact` is None where the view has no event of it."""

    line: Line
    fact: Fact | None
    sent: set[str]
    answered: set[str]


@dataclass(slots=True)
class Searched:
    """`left_out`: requests between the first and the last ones that are not named; `damaged`: lines that carry the
    string and cannot be read.
    """

    first: dict[str, Carried] = field(default_factory=dict)
    last: dict[str, Carried] = field(default_factory=dict)
    lines: int = 0
    left_out: int = 0
    damaged: int = 0

    @property
    def found(self) -> dict[str, Carried]:
        """By request."""
        return self.first | self.last

    def of(self, line: Line, layout: Layout) -> Carried:
        known = self.first.get(line.request.id) or self.last.get(line.request.id)
        if known is not None:
            return known
        fact, _ = classify(line, layout)
        carried = Carried(line, fact, set(), set())
        if len(self.first) < MOST // 2:
            self.first[line.request.id] = carried
            return carried
        self.last[line.request.id] = carried
        if len(self.last) > MOST // 2:
            del self.last[next(iter(self.last))]
            self.left_out += 1
        return carried


def search(
    logs: Iterable[Path], hashes: Iterable[str], layout: Layout, ended: Callable[[], bool] = lambda: False
) -> Searched:
    """Every request whose request or answer carries one of the hashes, in all files of the logs."""
    wanted = set(hashes)
    needles = [digest.encode() for digest in wanted]
    result = Searched()
    for line in _lines(logs, result, ended):
        if any(needle in line for needle in needles):
            _take(line, wanted, layout, result)
    return result


def _lines(logs: Iterable[Path], result: Searched, ended: Callable[[], bool]) -> Iterator[bytes]:
    for log in logs:
        for path in log_files(log):
            try:
                with open_log(path) as file:
                    for lines, _ in whole_lines(file, 0):
                        result.lines += len(lines)
                        yield from lines
                        if ended():
                            return
            except BROKEN:  # moved meanwhile, or a compressed file that is cut off or damaged
                continue


def _take(raw: bytes, hashes: set[str], layout: Layout, result: Searched) -> None:
    """One line; of a half line with a whole one behind it, the whole one, if that carries the string."""
    try:
        line = decode_line(raw)
        if line.request.path.startswith(HASHING):
            return
        nanoseconds(line.time)
        carried = result.of(line, layout)
    except UNREADABLE:
        whole = mended(raw)
        if whole is not None and any(digest.encode() in whole for digest in hashes):
            _take(whole, hashes, layout, result)
        else:
            result.damaged += 1
        return
    try:
        body: dict[str, Any] = json.loads(raw)
        carried.sent |= _found(body.get("request"), hashes) | _keys(body.get("auth"), hashes, "auth")
        carried.answered |= _found(body.get("response"), hashes)
    except RecursionError:
        (carried.sent if line.type == "request" else carried.answered).add(DEEP)


def _found(part: object, hashes: set[str]) -> set[str]:
    """The fields of a request, or of an answer, that hold one of the hashes; those of its data by their own names."""
    if not isinstance(part, dict):
        return set()
    return _keys(part.get("data"), hashes) | _keys({**part, "data": None}, hashes)


def _keys(data: object, hashes: set[str], path: str = "") -> set[str]:
    """The paths of the fields that hold one of the hashes: `data.value`."""
    if isinstance(data, dict):
        return {found for name, inner in data.items() for found in _keys(inner, hashes, f"{path}.{name}".lstrip("."))}
    if isinstance(data, list):
        return {found for inner in data for found in _keys(inner, hashes, path)}
    return {path} if isinstance(data, str) and data in hashes else set()
