"""People whose names hold what a filter would read as something else, as directories have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapter.audit.follow import Place
from adapter.audit.view import AuditView
from adapter.service.investigating import _of_somebody
from tests.audit.reading import LAYOUT, events_in, indexed, vector_lines


@pytest.mark.parametrize("name", ["Doe, Jane", "-developer", "developer,admin"])
def test_what_somebody_touched(tmp_path: Path, name: str) -> None:
    lines = [line.replace(b'"userpass-developer"', f'"userpass-{name}"'.encode()) for line in vector_lines()]
    lines = [line.replace(b'"username":"developer"', f'"username":"{name}"'.encode()) for line in lines]
    path = indexed(tmp_path / "index.db", lines)
    before = {event.secret for event in events_in(path) if event.actor == name and event.secret}
    assert before
    found = _of_somebody(AuditView(Place((), path, LAYOUT)), "actor", name)
    assert {one.secret for one in found.touched} == before
