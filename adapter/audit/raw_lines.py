"""The lines of the log that one request left, found by its time.

A log's lines stand in the order of time, so a plain file is searched by halving; a compressed one is read through.
What is not a hash in the data of an entry is not shown: Vault logs numbers and truth values as they are.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from adapter.audit.files import BROKEN, Source, log_files, open_log, whole_lines
from adapter.audit.lines import decode_line, nanoseconds

BEFORE, AFTER = 5 * 10**9, 120 * 10**9
"""Nanoseconds around the event within which its request's lines are."""

LONGEST = 200_000
"""Characters of a line that are shown."""

MASKED = "(not shown)"
_HASH = "hmac-sha256:"
_BLOCK = 1 << 16


def lines_of(logs: Iterable[Path], request: str, at: int) -> list[str]:
    """The request's lines in all files of the logs, each once. `at`: its time, nanoseconds since 1970."""
    needle = request.encode()
    found: dict[bytes, None] = {}
    for log in logs:
        for path in log_files(log):
            try:
                with open_log(path) as file:
                    found.update(dict.fromkeys(line for line in _around(file, at) if needle in line))
            except BROKEN:  # moved meanwhile, or a compressed file that is cut off or damaged
                continue
    return [shown(line) for line in found if _is_of(line, request)]


def _is_of(line: bytes, request: str) -> bool:
    try:
        return decode_line(line).request.id == request
    except (msgspec.DecodeError, ValueError):
        return False


def _around(file: Source, at: int) -> Iterator[bytes]:
    start = 0 if isinstance(file, gzip.GzipFile) else _first(file, at - BEFORE)
    for lines, _ in whole_lines(file, start):
        yield from lines
        if lines and (_time(lines[-1]) or 0) > at + AFTER:
            return


def _first(file: Source, moment: int) -> int:
    """An offset at which a line begins, before the first one that is not older than `moment`."""
    low, high = 0, file.seek(0, 2)
    while high - low > _BLOCK:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()
        begins = file.tell()
        time = next((one for one in (_time(file.readline()) for _ in range(20)) if one is not None), None)
        if time is not None and time < moment:
            low = begins
        else:
            high = middle
    return low


def _time(line: bytes) -> int | None:
    try:
        return nanoseconds(decode_line(line).time)
    except (msgspec.DecodeError, ValueError):
        return None


def shown(line: bytes) -> str:
    """A line as it may be shown: readable JSON, nothing of a value in it but hashes."""
    body: dict[str, Any] = json.loads(line)
    for part in (body.get("request"), body.get("response")):
        if isinstance(part, dict) and isinstance(part.get("data"), dict):
            part["data"] = {name: _masked(name, inner) for name, inner in part["data"].items()}
    return json.dumps(body, indent=2, ensure_ascii=False)[:LONGEST]


_PLAIN = frozenset({"metadata", "options", "custom_metadata", "versions", "destroyed", "version", "created_time"})
"""Fields beside an entry's data that hold nothing of a value."""


def _masked(name: str, data: object) -> object:
    if name in _PLAIN or (isinstance(data, str) and data.startswith(_HASH)):
        return data
    if isinstance(data, dict):
        return {key: _masked("", inner) for key, inner in data.items()}
    if isinstance(data, list):
        return [_masked("", inner) for inner in data]
    return None if data is None else MASKED
