"""The log as it is found on disks: rotated in either way, half written, damaged, compressed, told twice."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.audit import files, leaks
from adapter.audit.indexer import Indexer
from adapter.audit.raw_lines import lines_of
from adapter.audit.writer import IndexWriter
from tests.audit.reading import LAYOUT, events_in, in_short, indexed, vector_lines, whole

LINES = vector_lines()
HALF = len(LINES) // 2


class Reader:
    """An indexer that can be ended and begun anew, as a process is; it looks around at each step."""

    def __init__(self, *logs: Path, index: Path) -> None:
        self._logs, self.index, self._time = logs, index, 0.0
        self._open()

    def _open(self) -> None:
        self._writer = IndexWriter(self.index, LAYOUT)
        self._indexer = Indexer(self._logs, self._writer, LAYOUT, lambda: self._time)

    def step(self) -> int:
        self._time += 10
        return self._indexer.step()

    def glance(self) -> int:
        """A step without looking around: what is seen within a second."""
        return self._indexer.step()

    @property
    def problem(self) -> str | None:
        return self._indexer.problem

    def restart(self) -> None:
        self.close()
        self._open()

    def close(self) -> None:
        self._indexer.close()
        self._writer.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


@pytest.fixture
def reader(log: Path, tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(log, index=tmp_path / "index.db")
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return whole(indexed(tmp_path_factory.mktemp("expected") / "index.db", LINES))


def text(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


@pytest.mark.parametrize("restarts", [False, True])
def test_renamed_while_the_server_still_writes_to_it(
    log: Path, reader: Reader, expected: list[str], restarts: bool
) -> None:
    log.write_bytes(text(LINES[:20]))
    reader.step()
    old = log.rename(log.with_name("audit.log.1"))
    append(old, text(LINES[20:40]))  # until SIGHUP
    if restarts:
        reader.restart()
    reader.step()
    log.write_bytes(text(LINES[40:60]))
    append(old, text(LINES[60:70]))
    reader.step()
    append(log, text(LINES[70:]))
    reader.step()
    assert whole(reader.index) == expected
    assert reader.step() == 0


def test_rotation_is_seen_at_once(log: Path, reader: Reader, expected: list[str]) -> None:
    log.write_bytes(text(LINES[:20]))
    reader.step()
    log.rename(log.with_name("audit.log-20261125"))
    log.write_bytes(text(LINES[20:]))
    assert reader.glance() == len(LINES) - 20
    assert whole(reader.index) == expected


@pytest.mark.parametrize("restarts", [False, True])
def test_copied_and_emptied(log: Path, reader: Reader, expected: list[str], restarts: bool) -> None:
    log.write_bytes(text(LINES[:HALF]))
    reader.step()
    log.with_name("audit.log.1").write_bytes(log.read_bytes())
    os.truncate(log, 0)
    if restarts:
        reader.restart()
    append(log, text(LINES[HALF:]))
    reader.step()
    reader.step()
    assert whole(reader.index) == expected


def test_half_a_line_waits_for_the_rest(log: Path, reader: Reader, expected: list[str]) -> None:
    content = text(LINES)
    cut = len(content) * 2 // 3
    for start, end in ((0, 700), (700, cut), (cut, len(content))):
        append(log, content[start:end])
        reader.step()
        reader.restart()
    reader.step()
    assert whole(reader.index) == expected


@pytest.mark.parametrize("restarts", [False, True])
def test_a_log_that_lost_its_end_is_read_again(log: Path, reader: Reader, expected: list[str], restarts: bool) -> None:
    log.write_bytes(text(LINES[:HALF]))
    reader.step()
    os.truncate(log, len(text(LINES[:10])) + 100)
    if restarts:
        reader.restart()
    reader.step()
    append(log, b"\n" + text(LINES[10:]))  # what the server wrote on a full disk is glued to the next line
    reader.step()
    assert whole(reader.index) == expected


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe not utf-8",
        b'{"time":"2026-11-25T11:29:53Z","type":"request"',
        b'{"time":"2026-11-25T11:29:53Z","type":"other","request":{"id":"x"}}',
        b'{"time":"never","type":"response","request":{"id":"x","operation":"read","path":"status/data/a"}}',
        b'{"time":"2026-11-25T11:29:53Z","type":"response","request":{"id":"x","path":"status/data/a","operation":"read"}}',
        b"[1, 2, 3]",
        b"null",
        b"",
        b"\xef\xbb\xbf" + b"{}",
        b"{" * 5000,
        b'{"a": "' + b"x" * 1_200_000 + b'"}',
    ],
    ids=range(11),
)
def test_lines_that_are_not_the_logs_are_passed_over(
    log: Path, reader: Reader, expected: list[str], garbage: bytes
) -> None:
    log.write_bytes(text([garbage, *LINES[:5], garbage, *LINES[5:], garbage]))
    reader.step()
    assert whole(reader.index) == expected


def test_a_whole_line_behind_half_a_line_counts(log: Path, reader: Reader, expected: list[str]) -> None:
    cut = [LINES[0][:400], b'foreign prefix: {"time":"', b"2026-11-25T00:00:00 INFO "]
    log.write_bytes(text([before + line for before, line in zip(cut, LINES, strict=False)] + LINES[len(cut) :]))
    reader.step()
    assert whole(reader.index) == expected


def test_a_line_of_a_megabyte_counts(log: Path, reader: Reader) -> None:
    line = next(
        line for line in LINES if b'"type":"response"' in line and b'"operation":"update"' in line and b"/data/" in line
    )
    body = json.loads(line)
    body["request"]["data"]["data"] = {f"field_{number}": "hmac-sha256:" + "a" * 64 for number in range(15_000)}
    log.write_bytes(text([json.dumps(body, separators=(",", ":")).encode()]))
    assert log.stat().st_size > 1_000_000
    reader.step()
    assert [event.act for event in events_in(reader.index)] == ["created"]


def test_a_line_without_an_end_does_not_fill_the_memory(
    log: Path, reader: Reader, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CHUNK", 5_000)
    monkeypatch.setattr(files, "LONGEST", 20_000)
    log.write_bytes(text([*LINES[:3], b"x" * 100_000, *LINES[3:]]))
    reader.step()
    assert whole(reader.index) == expected


def test_compressed_old_logs_are_read_once(log: Path, reader: Reader, expected: list[str]) -> None:
    log.with_name("audit.log.2.gz").write_bytes(gzip.compress(text(LINES[:30])))
    log.with_name("audit.log.1").write_bytes(text(LINES[30:HALF]))
    log.write_bytes(text(LINES[HALF:]))
    assert reader.step() == len(LINES)
    log.with_name("audit.log.1.gz").write_bytes(gzip.compress(log.with_name("audit.log.1").read_bytes()))
    log.with_name("audit.log.1").unlink()
    reader.restart()
    assert reader.step() == 0
    assert whole(reader.index) == expected


def test_a_compressed_log_that_is_cut_off_gives_what_it_has(log: Path, reader: Reader) -> None:
    whole_file = gzip.compress(text(LINES))
    log.with_name("audit.log.1.gz").write_bytes(whole_file[: len(whole_file) // 2])
    log.write_bytes(text(LINES[-4:]))
    reader.step()
    assert events_in(reader.index)


def test_two_devices_tell_each_event_once(log: Path, tmp_path: Path, expected: list[str]) -> None:
    """The second has a key of its own, so other hashes, and its lines are some microseconds later."""
    other = tmp_path / "second.log"
    log.write_bytes(text(LINES))
    changed = [
        re.sub(rb"hmac-sha256:(..)", rb"hmac-sha256:0\1", line).replace(b'Z","type"', b'1Z","type"', 1)
        for line in LINES
    ]
    other.write_bytes(text(changed))
    for logs in ((log, other), (other, log)):
        index = tmp_path / f"{logs[0].stem}.db"
        reader = Reader(*logs, index=index)
        reader.step()
        reader.close()
        events = events_in(index)
        assert [in_short(event) for event in events] == [
            in_short(event) for event in events_in(indexed(tmp_path / f"{logs[0].stem}-alone.db", LINES))
        ]


def test_a_log_that_comes_later(log: Path, reader: Reader, expected: list[str]) -> None:
    assert reader.step() == 0
    log.touch()
    assert reader.step() == 0
    append(log, text(LINES))
    assert reader.step() == len(LINES)
    assert whole(reader.index) == expected


@pytest.mark.parametrize("depth", [0, 9_000])
def test_a_leak_is_found_in_every_file_and_at_any_depth(log: Path, depth: int) -> None:
    line = next(line for line in LINES if b'"data":{"data":{"value":"hmac' in line)
    start = line.index(b'"value":"') + 9
    digest = line[start : line.index(b'"', start)].decode()
    deep = line.replace(f'"{digest}"'.encode(), b"[" * depth + f'"{digest}"'.encode() + b"]" * depth)
    log.with_name("audit.log.1.gz").write_bytes(gzip.compress(text([deep])))
    log.write_bytes(text([line for line in LINES if digest.encode() not in line]))
    searched = leaks.search([log], [digest], LAYOUT)
    assert [bool(found.sent or found.answered) for found in searched.found.values()] == [True]
    assert not leaks.search([log], [digest[:-1] + "0"], LAYOUT).found


def test_a_damaged_compressed_file_holds_up_nothing(log: Path, reader: Reader) -> None:
    """What can be read of it is read, once; the log that grows is followed; the view says so."""
    content = bytearray(gzip.compress(text(LINES[:HALF]), 0))
    content[len(content) // 2] ^= 0xFF
    old = log.with_name("audit.log.1.gz")
    for damage in (bytes(content), b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 900):
        old.write_bytes(damage)
        log.write_bytes(text(LINES[HALF:]))
        reader.step()
        assert reader.problem is None, "it may be being written"
        os.utime(old, (0, 0))
        reader.step()
        assert "audit.log.1.gz" in str(reader.problem)
        assert {event.time for event in events_in(reader.index)} >= {
            event.time for event in events_in(indexed(log.with_name("half.db"), LINES[-6:]))
        }
        wanted = next(json.loads(line)["request"]["id"] for line in reversed(LINES))
        assert lines_of([log], wanted, 0)
        assert leaks.search([log], ["hmac-sha256:none"], LAYOUT).lines >= len(LINES) - HALF
    old.unlink()
    reader.step()
    assert reader.problem is None
