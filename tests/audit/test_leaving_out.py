"""What a filter leaves out: found so by the index, and told so by the live stream."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapter.audit.criteria import criteria_of, matches
from adapter.errors import Invalid
from adapter.model.audit import Event, EventFilter
from tests.audit.reading import events_in, histories_in, indexed, vector_lines

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def fits(event: Event, wanted: dict[str, str]) -> bool:
    """What the filter says in words, told without the index."""
    for name, text in wanted.items():
        value, words = getattr(event, name), text.split(",")
        chosen = [word for word in words if not word.startswith("-")]
        if (chosen and value not in chosen) or f"-{value}" in words:
            return False
    return True


@pytest.mark.parametrize(
    "wanted",
    [
        {"act": "-viewed"},
        {"act": "-viewed,-signed_in"},
        {"act": "used,-used"},
        {"act": "used,viewed,-viewed", "outcome": "-done"},
        {"client": "-cli/other", "act": "-viewed"},
        {"scope": "-environment/production"},
        {"component": "-nobody-of-that-name"},
        {"actor": "-developer", "outcome": "done"},
    ],
)
@pytest.mark.parametrize("segment", [4, 65_536])
def test_what_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, str], segment: int
) -> None:
    monkeypatch.setattr("adapter.audit.segments.SEGMENT", segment)
    path = indexed(tmp_path / "index.db", vector_lines())
    every = events_in(path)
    expected = [event for event in every if fits(event, wanted)]
    assert len(expected) < len(every) or "component" in wanted
    assert events_in(path, **wanted) == expected
    criteria = criteria_of(EventFilter.model_validate(wanted), NOW)
    assert [event for event in every if matches(event, criteria, histories_in(path))] == expected


def test_a_secret_is_left_out_under_each_of_its_names(tmp_path: Path) -> None:
    path = indexed(tmp_path / "index.db", vector_lines())
    name = next(event.secret for event in events_in(path) if event.act == "used")
    assert name is not None
    left = events_in(path, secret=f"-{name}")
    assert name not in {event.secret for event in left}
    assert left
    assert events_in(path, secret=f"-secret://{name}") == left
    assert events_in(path, secret=f"-{name.replace('/', '~')}") == left


@pytest.mark.parametrize("act", ["-eaten", "-", "--viewed"])
def test_only_what_there_is_can_be_left_out(act: str) -> None:
    with pytest.raises(Invalid, match="There is no such act"):
        criteria_of(EventFilter(act=act), NOW)
