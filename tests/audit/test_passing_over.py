"""A page that begins further on is what the pages before it lead to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapter.audit import segments
from adapter.audit.criteria import criteria_of
from adapter.audit.query import Search
from adapter.audit.storage import open_index
from adapter.model.audit import EventFilter
from tests.audit.reading import indexed, vector_lines


def pages(path: Path, **wanted: Any) -> list[bytes]:
    """The request ids of what fits, newest first."""
    connection = open_index(path)
    try:
        found = Search(connection, criteria_of(EventFilter.model_validate(wanted), datetime.now(UTC))).page()
        return [row[2] for row in found.rows]
    finally:
        connection.close()


def cursor_after(path: Path, count: int) -> str:
    connection = open_index(path)
    try:
        wanted = EventFilter(limit=count)
        last = Search(connection, criteria_of(wanted, datetime.now(UTC))).page().rows[-1]
        return f"{last[3]}-{last[2].hex()}"
    finally:
        connection.close()


@pytest.fixture(params=[4, 65_536], ids=["many segments", "one segment"])
def index(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(segments, "SEGMENT", request.param)
    return indexed(tmp_path / "index", vector_lines())


@pytest.mark.parametrize("filtered", [{}, {"actor": "developer"}, {"outcome": "denied"}])
def test_every_offset_leads_to_where_paging_leads(index: Path, filtered: dict[str, str]) -> None:
    whole = pages(index, limit=1000, **filtered)
    assert len(whole) >= 1
    for offset in range(len(whole) + 2):
        assert pages(index, limit=3, offset=offset, **filtered) == whole[offset : offset + 3]


def test_an_offset_counts_from_the_cursor(index: Path) -> None:
    whole = pages(index, limit=1000)
    for start in (1, 5, 11):
        cursor = cursor_after(index, start)
        for offset in range(len(whole) - start + 2):
            assert pages(index, limit=2, offset=offset, cursor=cursor) == whole[start + offset : start + offset + 2]


def test_the_log_has_enough_for_this() -> None:
    assert len([json.loads(line) for line in vector_lines()]) > 60
