"""A log that somebody changed is told from one that is as it was sealed, and the line is named."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.audit.sealing import unsealed
from adapter.audit.seals import BEGINNING, DIGEST, Seal, SealBook, chained
from adapter.audit.verify import Kind, Verdict, verify

OWN = b'"path":"status-seal/sign/log"'


def line(number: int) -> bytes:
    body = {
        "time": f"2026-11-25T10:00:{number % 60:02}.{number:06}Z",
        "type": "request",
        "request": {"id": str(number)},
    }
    return json.dumps(body, separators=(",", ":")).encode()


def sign(seal: Seal) -> str:
    return f"signed {seal.digest}"


def genuine(seal: Seal) -> bool:
    return seal.signature == sign(seal)


class Log:
    """A log of `count` lines, sealed."""

    def __init__(self, folder: Path, count: int = 40) -> None:
        self.path = folder / "audit.log"
        self.book = SealBook(folder / "seals")
        self.lines = [line(number) for number in range(count)]
        self.write()
        self.seal()

    def write(self) -> None:
        self.path.write_bytes(b"".join(one + b"\n" for one in self.lines))

    def seal(self) -> int:
        seals, _ = self.book.seals()
        made = 0
        for part in unsealed([self.path], seals, OWN):
            previous = seals[-1].digest if seals else BEGINNING
            digest = chained(previous, part.print, part.first, part.digests)
            place = (part.print, str(part.path), part.first, part.count, part.offset)
            seal = Seal(len(seals) + 1, "2026-11-25T10:00:00.000Z", *place, previous, digest, f"signed {digest}")
            self.book.add(seal, part.digests)
            seals.append(seal)
            made += 1
        return made

    def grow(self, count: int) -> None:
        self.lines += [line(len(self.lines) + at) for at in range(count)]
        self.write()

    def verdict(self) -> Verdict:
        return verify([self.path], self.book, genuine, OWN)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    one = Log(tmp_path)
    one.grow(20)
    one.seal()
    one.grow(5)
    return one


def test_a_log_as_it_was_sealed(log: Log) -> None:
    verdict = log.verdict()
    assert verdict.damages == []
    assert (verdict.sealed, verdict.unsealed, verdict.seals) == (60, 5, 2)


def test_nothing_new_makes_no_seal(log: Log) -> None:
    assert log.seal() == 1
    assert log.seal() == 0
    log.lines.append(b'{"time":"t","type":"response",' + OWN + b"}")
    log.write()
    assert log.seal() == 0, "a seal's own lines would ask for the next one for ever"


def change(lines: list[bytes], at: int) -> None:
    lines[at] = lines[at].replace(b"request", b"REQUEST")


def remove(lines: list[bytes], at: int) -> None:
    del lines[at]


def insert(lines: list[bytes], at: int) -> None:
    lines.insert(at, line(9999))


@pytest.mark.parametrize("at", [0, 1, 17, 39, 40, 58])
@pytest.mark.parametrize(("act", "kind"), [(change, Kind.CHANGED), (remove, Kind.REMOVED), (insert, Kind.INSERTED)])
def test_the_line_is_named(log: Log, act: Callable[[list[bytes], int], None], kind: Kind, at: int) -> None:
    act(log.lines, at)
    log.write()
    [damage] = log.verdict().damages
    assert damage.kind is kind
    named = at if kind is Kind.REMOVED else at + 1
    assert damage.lines == (named, named)
    assert f"line {named}" in damage.what


def test_the_last_sealed_line(log: Log) -> None:
    change(log.lines, 59)
    log.write()
    [damage] = log.verdict().damages
    assert (damage.kind, damage.lines) == (Kind.CHANGED, (60, 60))


def test_several_places_at_once(log: Log) -> None:
    change(log.lines, 50)
    remove(log.lines, 30)
    insert(log.lines, 10)
    log.write()
    assert [damage.kind for damage in log.verdict().damages] == [Kind.INSERTED, Kind.REMOVED, Kind.CHANGED]


def test_a_log_that_was_cut_or_removed(log: Log) -> None:
    log.lines = log.lines[:45]
    log.write()
    [damage] = log.verdict().damages
    assert damage.kind is Kind.REMOVED
    assert "15 lines were removed after line 45" in damage.what
    assert log.verdict().unsealed == 0
    log.path.unlink()
    [damage] = log.verdict().damages
    assert damage.kind is Kind.GONE
    assert "60 of its lines were sealed" in damage.what


def test_rotation_and_compression_are_no_tampering(log: Log) -> None:
    old = log.path.rename(log.path.with_name("audit.log.1"))
    log.lines = [line(number) for number in range(500, 510)]
    log.write()
    assert log.seal() == 2, "the end of the old file, and the new one"
    assert log.verdict().damages == []
    with gzip.open(old.with_name("audit.log.1.gz"), "wb") as file:
        file.write(old.read_bytes())
    old.unlink()
    verdict = log.verdict()
    assert verdict.damages == []
    assert verdict.sealed == 75


def test_seals_that_were_changed_or_cut_off(log: Log) -> None:
    book = log.book.folder / "seals.jsonl"
    first, second = book.read_text().splitlines()
    forged = json.loads(second) | {"lines": 19}
    for text in (
        second,
        f"{first}\n{json.dumps(forged)}",
        f"{first}\nno seal",
        json.dumps(json.loads(first) | {"signature": "x"}),
    ):
        book.write_text(text + "\n")
        assert Kind.FORGED in {damage.kind for damage in log.verdict().damages}
    book.write_text(first + "\n")
    assert log.verdict().damages == []
    log.lines += [b'{"time":"t","type":"response",' + OWN + b"}"] * 3
    log.write()
    [damage] = log.verdict().damages
    assert "seals were removed" in damage.what


def test_a_seal_without_its_line_break_is_one(log: Log) -> None:
    book = log.book.folder / "seals.jsonl"
    book.write_bytes(book.read_bytes().removesuffix(b"\n"))
    assert (log.verdict().damages, log.verdict().seals) == ([], 2)
    assert log.seal() == 1
    assert (log.verdict().damages, log.verdict().seals) == ([], 3)


SEALING = b'{"time":"t","type":"response",' + OWN + b"}"


@pytest.mark.parametrize("left", [0, 1])
def test_seals_of_the_newest_file_that_were_removed(log: Log, left: int) -> None:
    """All of them, or those that a rotation separates from the ones that are left."""
    log.path.rename(log.path.with_name("audit.log.1"))
    log.lines = [line(number) for number in range(500, 510)]
    for _ in range(4):
        log.lines += [SEALING, line(len(log.lines) + 600)]
        log.write()
        log.seal()
    assert log.verdict().damages == []
    book = log.book.folder / "seals.jsonl"
    book.write_text("".join(text + "\n" for text in book.read_text().splitlines()[: 2 * left]))
    [damage] = log.verdict().damages
    assert damage.kind is Kind.FORGED
    assert "The log speaks of 4 sealings after the last seal" in damage.what


def test_old_files_may_end_with_their_sealing(log: Log) -> None:
    """Each of many rotated files has the line of a sealing after which nothing more came."""
    for number in range(1, 6):
        log.lines.append(SEALING)
        log.write()
        log.path.rename(log.path.with_name(f"audit.log.{number}"))
        log.lines = [line(number * 1000 + at) for at in range(10)]
        log.write()
        log.seal()
    assert log.verdict().damages == []


def test_the_first_seals_of_many_files(tmp_path: Path) -> None:
    """One sealing for each of them, and all of these stand after what they seal."""
    for number in range(1, 6):
        (tmp_path / f"audit.log.{number}").write_bytes(line(number * 1000) + b"\n")
    log = Log(tmp_path)
    log.lines += [SEALING] * 6
    log.write()
    assert (log.verdict().damages, log.verdict().seals) == ([], 6)


def test_two_devices_tell_of_a_sealing_each(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.lines += [SEALING] * 2
    log.write()
    other = tmp_path / "second.log"
    other.write_bytes(log.path.read_bytes())
    assert verify([log.path, other], log.book, genuine, OWN).damages == []


def test_digests_that_were_fitted_to_a_changed_log(log: Log) -> None:
    change(log.lines, 5)
    log.write()
    [digests] = log.book.folder.glob("*.lines")
    [part] = unsealed([log.path], [], OWN)
    digests.write_bytes(part.digests[: 60 * DIGEST])
    kinds = {damage.kind for damage in log.verdict().damages}
    assert Kind.FORGED in kinds


def test_a_crash_between_the_digests_and_the_seal(log: Log) -> None:
    [digests] = log.book.folder.glob("*.lines")
    digests.write_bytes(digests.read_bytes() + b"x" * 40)
    assert log.verdict().damages == []
    with (log.book.folder / "seals.jsonl").open("a") as file:
        file.write('{"number":3,"ti')
    assert log.verdict().damages == []
    assert log.seal() == 1
    seals, damaged = log.book.seals()
    assert (len(seals), damaged) == (3, 0)
    assert log.verdict().damages == [], "what was never written whole is no damage"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([change, remove, insert]), st.integers(0, 30)), min_size=1, max_size=4))
def test_whatever_is_changed_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[Callable[[list[bytes], int], None], int]]
) -> None:
    log = Log(tmp_path_factory.mktemp("log"))
    before = list(log.lines)
    for act, at in acts:
        act(log.lines, at)
    log.write()
    assert bool(log.verdict().damages) == (log.lines[:40] != before)
