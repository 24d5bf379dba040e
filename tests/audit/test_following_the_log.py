"""The thread that keeps the index up to date: one of several, through damage and full disks."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapter.audit import follow, writer
from adapter.audit.criteria import Criteria
from adapter.audit.follow import Place, rebuild
from adapter.audit.storage import open_index
from adapter.audit.view import AuditView
from tests.audit.reading import LAYOUT, indexed, vector_lines, whole

LINES = vector_lines()
TEXT = b"".join(line + b"\n" for line in LINES)
HALF = TEXT.index(b"\n", len(TEXT) // 2) + 1


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "TRY_AGAIN", 0.1)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "audit.log").write_bytes(TEXT)
    return Place((tmp_path / "audit.log",), tmp_path / "state" / "index.db", LAYOUT)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return whole(indexed(tmp_path_factory.mktemp("expected") / "index.db", LINES))


@contextmanager
def running(place: Place) -> Iterator[AuditView]:
    view = AuditView(place)
    view.start()
    try:
        yield view
    finally:
        view.stop()


def soon(holds: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return True
        except Exception:  # noqa: BLE001  not there yet
            pass
        time.sleep(0.02)
    return False


def is_whole(view: AuditView) -> bool:
    return view.reading().behind_bytes == 0 and view.page(Criteria()).total > 0


def test_reads_what_there_is_and_what_comes(place: Place, expected: list[str]) -> None:
    place.logs[0].write_bytes(TEXT[:HALF])
    with running(place) as view:
        assert soon(lambda: view.page(Criteria()).total > 0)
        with place.logs[0].open("ab") as log:
            log.write(TEXT[HALF:])
        assert soon(lambda: is_whole(view))
    assert whole(place.index) == expected


def test_rebuilt_it_is_the_same(place: Place, expected: list[str]) -> None:
    assert rebuild(place) == len(LINES)
    assert whole(place.index) == expected
    rebuild(place)
    assert whole(place.index) == expected


@pytest.mark.parametrize("damage", ["garbage", "newer", "another mount"])
def test_an_index_that_cannot_be_used_is_put_aside(place: Place, expected: list[str], damage: str) -> None:
    place.index.parent.mkdir()
    if damage == "garbage":
        place.index.write_bytes(b"garbage" * 1000)
    else:
        rebuild(place)
        with sqlite3.connect(place.index) as connection:
            if damage == "newer":
                connection.execute("PRAGMA user_version = 999")
            else:
                connection.execute("UPDATE facts_about SET value = 'elsewhere||' WHERE name = 'layout'")
        connection.close()
    with running(place) as view:
        assert soon(lambda: "unusable" in (view.reading().problem or ""))
        assert soon(lambda: is_whole(view))
    assert whole(place.index) == expected
    assert len(list(place.index.parent.glob("index.db.unusable-*"))) >= 1


def test_an_index_of_an_older_program_is_made_anew(place: Place, expected: list[str]) -> None:
    rebuild(place)
    with sqlite3.connect(place.index) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with running(place) as view:
        assert soon(lambda: is_whole(view))
        assert view.reading().problem is None
    assert whole(place.index) == expected
    assert not list(place.index.parent.glob("*.unusable-*"))


def test_an_index_that_breaks_while_it_is_used_is_made_anew(place: Place, expected: list[str]) -> None:
    place.logs[0].write_bytes(TEXT[:HALF])
    with running(place) as view:
        assert soon(lambda: is_whole(view))
        with sqlite3.connect(place.index) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        size = place.index.stat().st_size
        with place.index.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
        with place.logs[0].open("ab") as log:
            log.write(TEXT[HALF:])
        assert soon(lambda: is_whole(view) and whole(place.index) == expected)


def test_a_full_disk_is_told_and_got_over(place: Place, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite itself refuses to let the file grow beyond what it is, with the error of a full disk."""
    full = True

    def small(path: Path, *, write: bool = False) -> sqlite3.Connection:
        connection = open_index(path, write=write)
        if full:
            connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(writer, "open_index", small)
    with running(place) as view:
        assert soon(lambda: "full" in (view.reading().problem or ""))
        assert view.reading().behind_bytes == len(TEXT)
        full = False
        assert soon(lambda: is_whole(view))
        assert view.reading().problem is None
    assert whole(place.index) == expected


def test_one_of_several_writes_and_another_takes_over(place: Place, expected: list[str]) -> None:
    place.logs[0].write_bytes(TEXT[:HALF])
    with running(place) as second:
        with running(place) as first:
            assert soon(lambda: is_whole(first) and is_whole(second))
        with place.logs[0].open("ab") as log:
            log.write(TEXT[HALF:])
        assert soon(lambda: is_whole(second))
    assert whole(place.index) == expected


def test_a_log_that_is_not_there_is_told(place: Place) -> None:
    place.logs[0].unlink()
    with running(place) as view:
        assert soon(lambda: "is not there" in (view.reading().problem or ""))
        place.logs[0].write_bytes(TEXT)
        assert soon(lambda: is_whole(view))
        assert soon(lambda: view.reading().problem is None)


def test_whoever_comes_back_to_another_index_misses_nothing(place: Place) -> None:
    rebuild(place)
    view = AuditView(place)
    generation, rev = view.newest_change()
    every = view.page(Criteria(limit=1000)).events[::-1]
    assert [change.event for change in view.changes(generation, 0, 0)] == every
    assert view.changes(generation, rev, 0) == []
    middle = next(change for change in view.changes(generation, 0, 0) if change.event == every[10])
    rebuild(place)
    again = AuditView(place).changes(generation, rev, middle.time)
    assert [change.event for change in again] == every[10:]
    assert {(change.generation, change.rev) for change in again} == {AuditView(place).newest_change()}
