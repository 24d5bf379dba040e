"""Where a string stands in the log: by its keyed hash, which only the vault can make.

Whole strings only: a part of one, or one with another character, has another hash. Each audit device has a key of its
own, so a log is searched for the hash of each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapter.audit.facts import classify
from adapter.audit.files import log_files, open_log, whole_lines
from adapter.audit.lines import UNREADABLE, Line, decode_line, nanoseconds
from adapter.audit.paths import Layout

MOST = 1000
"""Requests that are named; what is leaked that often need not be counted further."""

DEEP = "(nested too deeply to say where)"
HASHING = "sys/audit-hash/"
"""Its lines hold the hash because somebody asked for it."""


@dataclass(slots=True)
class Carried:
    """One request that carries the string; `group` is that of its fact, None where the view has no event of it."""

    line: Line
    group: int | None
    sent: set[str]
    answered: set[str]


@dataclass(slots=True)
class Searched:
    found: dict[str, Carried]
    lines: int = 0


def search(
    logs: Iterable[Path], hashes: Iterable[str], layout: Layout, ended: Callable[[], bool] = lambda: False
) -> Searched:
    """Every request whose request or answer carries one of the hashes, in all files of the logs."""
    wanted = [digest.encode() for digest in hashes]
    result = Searched({})
    for line in _lines(logs, result, ended):
        if any(digest in line for digest in wanted):
            _take(line, {digest.decode() for digest in wanted}, layout, result)
            if len(result.found) >= MOST:
                break
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
            except (OSError, EOFError):  # moved meanwhile, or a compressed file that is cut off
                continue


def _take(raw: bytes, hashes: set[str], layout: Layout, result: Searched) -> None:
    try:
        line = decode_line(raw)
        if line.request.path.startswith(HASHING):
            return
        fact, _ = classify(line, layout)
        nanoseconds(line.time)
    except UNREADABLE:
        return
    carried = result.found.setdefault(line.request.id, Carried(line, fact.group if fact else None, set(), set()))
    try:
        body: dict[str, Any] = json.loads(raw)
        carried.sent |= _keys((body.get("request") or {}).get("data"), hashes)
        carried.answered |= _keys((body.get("response") or {}).get("data"), hashes)
    except RecursionError:
        (carried.sent if line.type == "request" else carried.answered).add(DEEP)


def _keys(data: object, hashes: set[str], path: str = "") -> set[str]:
    """The paths of the fields that hold one of the hashes: `data.value`."""
    if isinstance(data, dict):
        return {found for name, inner in data.items() for found in _keys(inner, hashes, f"{path}.{name}".lstrip("."))}
    if isinstance(data, list):
        return {found for inner in data for found in _keys(inner, hashes, path)}
    return {path} if isinstance(data, str) and data in hashes else set()
