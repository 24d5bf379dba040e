"""A log kept for a vault elsewhere: byte for byte, whatever ends when."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.audit import forward
from adapter.audit.files import open_log, print_of
from adapter.audit.forward import Outgoing
from adapter.audit.spool import Displaced, Spool
from adapter.errors import Invalid
from adapter.model.forwarding import CHUNK, LogChunk


def line(name: str, number: int) -> bytes:
    return (
        f'{{"time":"2026-11-25T10:00:00.{number:09}Z","type":"request","request":{{"id":"{name}{number}"}}}}\n'.encode()
    )


def log_of(name: str, count: int) -> bytes:
    return b"".join(line(name, number) for number in range(count))


def send(logs: tuple[Path, ...], spool: Spool, size: int = 700) -> None:
    """As a forwarder that has just started does."""
    outgoing = Outgoing(logs, size)
    while True:
        outgoing.sent |= {known: spool.offset(known) for known in outgoing.unknown()}
        pieces = list(outgoing.pieces())
        if not pieces:
            return
        for piece in pieces:
            outgoing.sent[piece.print] = spool.add(piece.print, piece.offset, piece.content)


def kept(spool: Spool) -> dict[str, bytes]:
    found = {}
    for path in spool.log.parent.glob(f"{spool.log.name}*"):
        with open_log(path) as file:
            found[str(print_of(file))] = path.read_bytes()
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "there" / "vault1.log")


def test_a_log_that_grows(source: Path, spool: Spool) -> None:
    source.write_bytes(log_of("a", 10))
    send((source,), spool)
    assert spool.log.read_bytes() == source.read_bytes()
    with source.open("ab") as file:
        file.write(line("a", 10) + line("a", 11)[:20])
    send((source,), spool)
    assert spool.log.read_bytes() == source.read_bytes(), "half a line too: it goes on there"
    assert spool.log.stat().st_mode & 0o777 == 0o600


def test_rotation_keeps_both_files(source: Path, spool: Spool) -> None:
    source.write_bytes(log_of("a", 10))
    send((source,), spool)
    old = source.rename(source.with_name("audit.log.1"))
    source.write_bytes(log_of("b", 5))
    with old.open("ab") as file:  # what the vault wrote before it was told
        file.write(line("a", 10))
    send((source,), spool)
    assert sorted(kept(spool).values()) == sorted([old.read_bytes(), source.read_bytes()])
    assert spool.log.read_bytes() == source.read_bytes(), "the one that grows has the log's own name"
    with gzip.open(old.with_name("audit.log.1.gz"), "wb") as file:
        file.write(old.read_bytes())
    old.unlink()
    before = kept(spool)
    send((source,), spool)
    assert kept(spool) == before


def test_a_log_emptied_in_place(source: Path, spool: Spool) -> None:
    source.write_bytes(log_of("a", 10))
    send((source,), spool)
    first = source.read_bytes()
    source.write_bytes(log_of("c", 3))
    send((source,), spool)
    assert sorted(kept(spool).values()) == sorted([first, source.read_bytes()])


def test_what_does_not_go_on_is_refused(spool: Spool) -> None:
    spool.add("a" * 32, 0, log_of("a", 2))
    with open_log(spool.log) as file:
        known = str(print_of(file))
    size = spool.log.stat().st_size
    for offset in (0, size - 1, size + 1):
        with pytest.raises(Displaced) as caught:
            spool.add(known, offset, b"x")
        assert caught.value.offset == size
    assert spool.log.stat().st_size == size


def test_a_beginning_that_a_crash_cut_off_comes_again(source: Path, spool: Spool) -> None:
    source.write_bytes(log_of("a", 3))
    spool.log.parent.mkdir()
    spool.log.write_bytes(source.read_bytes()[:30])
    send((source,), spool)
    assert spool.log.read_bytes() == source.read_bytes()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=8), st.integers(1, 5))
def test_wherever_it_was_cut_off_it_goes_on(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], lines: int
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    source, spool = folder / "audit.log", Spool(folder / "there" / "vault1.log")
    source.write_bytes(b"")
    for round_, cut in enumerate(cuts):
        with source.open("ab") as file:
            file.write(b"".join(line("a", round_ * 10 + number) for number in range(lines)))
        send((source,), spool)
        assert spool.log.read_bytes() == source.read_bytes()
        keep = min(cut, spool.log.stat().st_size)
        spool.log.write_bytes(source.read_bytes()[:keep])  # what a disk that ran full kept of it
    send((source,), spool)
    assert spool.log.read_bytes() == source.read_bytes()


def test_a_chunk_is_what_it_says() -> None:
    content = log_of("a", 50)
    assert LogChunk.of("a" * 32, 0, content).content() == content
    with pytest.raises(Invalid, match="zlib"):
        LogChunk(print="a" * 32, offset=0, data="????").content()
    with pytest.raises(Invalid, match=str(CHUNK)):
        LogChunk.of("a" * 32, 0, b"x" * (CHUNK + 1)).content()
    cut = LogChunk.of("a" * 32, 0, content)
    with pytest.raises(Invalid):
        LogChunk(print=cut.print, offset=0, data=cut.data[:-8]).content()


def test_a_damaged_file_is_left_until_it_changes(source: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not read from its beginning at each look."""
    source.write_bytes(log_of("a", 10))
    old, content = source.with_name("audit.log.1"), gzip.compress(log_of("b", 200))
    old.write_bytes(content[:-300])
    opened: list[Path] = []
    monkeypatch.setattr(forward, "open_log", lambda path: (opened.append(path), open_log(path))[1])
    outgoing = Outgoing((source,), 10_000)
    outgoing.sent |= dict.fromkeys(outgoing.unknown(), 0)
    for piece in outgoing.pieces():
        outgoing.sent[piece.print] = spool.add(piece.print, piece.offset, piece.content)
    assert list(outgoing.pieces()) == []
    opened.clear()
    assert list(outgoing.pieces()) == []
    assert old not in opened
    old.write_bytes(content)
    (rest,) = outgoing.pieces()
    assert rest.content == log_of("b", 200)[rest.offset :][:10_000]


def test_a_file_that_is_not_known_yet_is_not_taken_for_sent(source: Path) -> None:
    source.write_bytes(log_of("a", 10))
    outgoing = Outgoing((source,), 10_000)
    assert list(outgoing.pieces()) == [], "it came after it was asked what is there"
    outgoing.sent |= dict.fromkeys(outgoing.unknown(), 0)
    assert [piece.content for piece in outgoing.pieces()] == [log_of("a", 10)]
