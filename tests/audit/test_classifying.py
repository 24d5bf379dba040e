"""Real lines of a server become the events that took place, and only those."""

import json
from pathlib import Path

import pytest

from adapter.audit.facts import classify
from adapter.audit.lines import decode_line
from tests.audit.reading import DAYS, LAYOUT, VECTORS, events_in, in_short, indexed, vector_lines, whole


@pytest.mark.parametrize("day", DAYS)
def test_a_day_as_the_server_logged_it(tmp_path: Path, day: str) -> None:
    events = events_in(indexed(tmp_path / "index.db", vector_lines(day)))
    expected = (VECTORS / f"{day}.expected").read_text().splitlines()
    assert [in_short(event) for event in events] == expected


def test_no_hash_and_no_token_gets_into_an_event(tmp_path: Path) -> None:
    for event in events_in(indexed(tmp_path / "index.db", vector_lines())):
        assert "hmac-sha256" not in event.model_dump_json()


@pytest.mark.parametrize("text", ["2026-11-25T11:28:42.199403239+01:00", "yesterday", "", "1969-01-01T00:00:00Z"])
def test_a_line_without_a_time_is_no_line(text: str) -> None:
    line = next(line for line in vector_lines() if b"/data/" in line)
    broken = line.replace(line[9 : line.index(b'"', 9)], text.encode(), 1)
    with pytest.raises(ValueError):  # noqa: PT011
        classify(decode_line(broken), LAYOUT)


@pytest.mark.parametrize("day", DAYS)
def test_keys_in_the_order_of_the_alphabet(tmp_path: Path, day: str) -> None:
    """As HashiCorp Vault writes them since 1.16."""
    lines = [json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode() for line in vector_lines(day)]
    assert whole(indexed(tmp_path / "sorted.db", lines)) == whole(indexed(tmp_path / "other.db", vector_lines(day)))
    glued = [lines[0][:300] + lines[0], *lines[1:]]
    assert whole(indexed(tmp_path / "glued.db", glued)) == whole(tmp_path / "other.db")


def test_a_whole_line_behind_half_a_request_is_not_taken_for_it(tmp_path: Path) -> None:
    lines = vector_lines()
    at = next(at for at, line in enumerate(lines) if b'"type":"request"' in line and b"/data/" in line)
    glued = [*lines[:at], lines[at][:-200] + lines[at], *lines[at + 1 :]]
    assert whole(indexed(tmp_path / "glued.db", glued)) == whole(indexed(tmp_path / "other.db", lines))
