"""An act token's copy for somebody who had not asked for it with their own token is flagged."""

from __future__ import annotations

import json
from pathlib import Path

from tests.audit.reading import events_in, indexed, vector_lines


def writes_intent(line: bytes) -> bool:
    request = json.loads(line)["request"]
    custom = ((request.get("data") or {}).get("custom_metadata") or {}) if isinstance(request.get("data"), dict) else {}
    return any(key.startswith("pending_") and value is not None for key, value in custom.items())


def test_it_is_not_flagged_where_the_intent_stands_before(tmp_path: Path) -> None:
    (event,) = events_in(indexed(tmp_path / "index", vector_lines()), act="rolled_back")
    assert event.flags == []


def test_it_is_flagged_where_no_intent_stands_before(tmp_path: Path) -> None:
    lines = [line for line in vector_lines() if not writes_intent(line)]
    assert len(lines) < len(vector_lines())
    (event,) = events_in(indexed(tmp_path / "index", lines), act="rolled_back")
    assert event.flags == ["act_without_intent"]
    backwards = indexed(tmp_path / "other", lines[::-1])
    assert [one.flags for one in events_in(backwards, act="rolled_back")] == [["act_without_intent"]]


def test_comparing_two_versions_needs_an_intent_as_well(tmp_path: Path) -> None:
    lines = vector_lines("openbao-2.7.2-acts")
    asked = events_in(indexed(tmp_path / "index", lines), act="viewed")
    assert not [event for event in asked if event.flags]
    others = [line for line in lines if not writes_intent(line)]
    (compared,) = [event for event in events_in(indexed(tmp_path / "other", others), act="viewed") if event.flags]
    assert compared.flags == ["act_without_intent"]
