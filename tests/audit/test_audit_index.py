"""The index depends on the lines alone: not on their order, nor on how often or in what chunks they were read."""

from __future__ import annotations

import random
import sqlite3
from itertools import islice
from pathlib import Path

import pytest

from adapter.audit.pairing import read_lines
from adapter.audit.storage import Unusable, open_index
from adapter.audit.writer import IndexWriter
from tests.audit.reading import DAYS, LAYOUT, events_in, indexed, vector_lines, whole


def in_chunks(lines: list[bytes], luck: random.Random) -> list[list[bytes]]:
    rest = iter(lines)
    return list(iter(lambda: list(islice(rest, luck.randint(1, 12))), []))


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("straight")
    return {day: whole(indexed(folder / f"{day}.db", vector_lines(day))) for day in DAYS}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("day", DAYS)
def test_shuffled_repeated_and_with_crashes_between(
    tmp_path: Path, straight: dict[str, list[str]], day: str, seed: int
) -> None:
    luck = random.Random(seed)
    lines = vector_lines(day)
    lines += luck.sample(lines, len(lines) // 3)
    luck.shuffle(lines)
    path = tmp_path / "index.db"
    for chunk in in_chunks(lines, luck):  # each with a writer of its own, as after a crash
        indexed(path, chunk)
    assert whole(path) == straight[day]


@pytest.mark.parametrize("day", DAYS)
def test_one_line_at_a_time(tmp_path: Path, straight: dict[str, list[str]], day: str) -> None:
    path = indexed(tmp_path / "index.db", *([line] for line in vector_lines(day)))
    assert whole(path) == straight[day]


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = vector_lines()
    path = indexed(tmp_path / "index.db", lines[:40])
    before = whole(path)
    writer = IndexWriter(path, LAYOUT)
    batch, _ = read_lines(lines[40:], LAYOUT)
    with monkeypatch.context() as broken:
        broken.setattr(writer, "_note", lambda _: (_ for _ in ()).throw(sqlite3.OperationalError("disk is full")))
        with pytest.raises(sqlite3.OperationalError):
            writer.add(batch)
    assert whole(path) == before
    writer.add(batch)
    writer.close()
    assert whole(path) == whole(indexed(tmp_path / "other.db", lines))


def test_requests_without_answers_are_unknown_until_they_come(tmp_path: Path) -> None:
    lines = vector_lines()
    requests = [line for line in lines if b'"type":"request"' in line]
    path = indexed(tmp_path / "index.db", requests)
    written = [event for event in events_in(path) if event.act in ("created", "updated")]
    assert {event.outcome for event in written} == {"unknown"}
    indexed(path, lines)
    assert "unknown" not in {event.outcome for event in events_in(path)}


def test_old_segments_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.audit.segments.SEGMENT", 5)
    path = indexed(tmp_path / "index.db", *in_chunks(vector_lines(), random.Random(1)))
    events = events_in(path)
    writer = IndexWriter(path, LAYOUT)
    assert writer.retain(0, 1)
    writer.close()
    left = events_in(path)
    assert 0 < len(left) < len(events)
    assert left == events[-len(left) :]
    writer = IndexWriter(path, LAYOUT)
    while writer.retain(2**62, 10**12):
        pass
    writer.close()
    assert events_in(path)  # the newest segment stays


def test_many_segments_give_the_same_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, straight: dict[str, list[str]]
) -> None:
    monkeypatch.setattr("adapter.audit.segments.SEGMENT", 4)
    luck = random.Random(7)
    lines = vector_lines()
    path = indexed(tmp_path / "index.db", *in_chunks(lines, luck))
    assert whole(path) == straight[DAYS[0]]
    events = events_in(path)
    middle = events[len(events) // 2].time
    assert [e.time for e in events_in(path, to=middle)] == [e.time for e in events if e.time <= middle]
    assert [e.time for e in events_in(path, **{"from": middle})] == [e.time for e in events if e.time >= middle]
    day = middle[:10]
    assert [e.time for e in events_in(path, to=day)] == [e.time for e in events if e.time[:10] <= day], "to its end"
    assert [e.time for e in events_in(path, **{"from": day})] == [e.time for e in events if e.time[:10] >= day]


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_unusable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(content)
    with pytest.raises(Unusable):
        open_index(path, write=True)


def test_an_index_of_a_newer_program_is_unusable(tmp_path: Path) -> None:
    path = indexed(tmp_path / "index.db", vector_lines()[:4])
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(Unusable, match="999"):
        open_index(path)
