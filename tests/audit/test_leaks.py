"""A log is searched whole: through damaged lines, and past more hits than can be named."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from adapter.audit import leaks
from adapter.audit.leaks import search
from tests.audit.reading import LAYOUT, vector_lines


def hashed_value(lines: list[bytes]) -> str:
    """The hash of a value that was read."""
    for line in lines:
        body = json.loads(line)
        data = ((body.get("response") or {}).get("data") or {}).get("data") or {}
        if body["type"] == "response" and "value" in data:
            return str(data["value"])
    raise AssertionError("no value was read")


def test_a_half_line_before_a_whole_one_hides_nothing(tmp_path: Path) -> None:
    lines = vector_lines()
    wanted = hashed_value(lines)
    log = tmp_path / "audit.log"
    log.write_bytes(b"".join(line + b"\n" for line in lines))
    whole = search([log], [wanted], LAYOUT)
    log.write_bytes(b"".join(lines[0][:40] + line + b"\n" for line in lines))
    glued = search([log], [wanted], LAYOUT)
    assert glued.found.keys() == whole.found.keys()
    assert glued.found
    assert (glued.damaged, whole.damaged) == (0, 0)
    cut = next(line for line in lines if wanted.encode() in line)
    log.write_bytes(cut[:-20] + b"\n")
    assert (search([log], [wanted], LAYOUT).found, search([log], [wanted], LAYOUT).damaged) == ({}, 1)


def test_of_very_many_the_first_and_the_last_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "MOST", 4)
    lines = vector_lines()
    wanted = hashed_value(lines)
    line = next(one for one in lines if wanted.encode() in one)
    old = json.loads(line)["request"]["id"].encode()
    luck = random.Random(5)
    names = [f"{luck.getrandbits(32):08x}-0000-4000-8000-000000000000" for _ in range(9)]
    log = tmp_path / "audit.log"
    log.write_bytes(b"".join(line.replace(old, name.encode()) + b"\n" for name in names))
    found = search([log], [wanted], LAYOUT)
    assert list(found.found) == [*names[:2], *names[-2:]]
    assert (found.left_out, found.lines) == (5, 9)
