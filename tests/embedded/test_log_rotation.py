"""The audit log of the embedded server is put aside at a size, and the audit view reads on."""

from __future__ import annotations

import asyncio
import gzip
import os
from contextlib import suppress
from pathlib import Path

import pytest

from adapter.audit.files import log_files
from adapter.errors import NotFound
from adapter.vault import Caller, Vault
from dev_vault import rotation
from tests.embedded.conftest import Complete, MakeVault


async def test_a_large_log_is_put_aside_then_compressed_and_no_line_is_lost(
    embedded: MakeVault, complete: Complete, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "ROTATE_AT", 10_000)
    monkeypatch.setattr(rotation, "LOOK_EVERY", 1.1)
    vault = embedded(complete.folder)
    running = await vault.start()
    requests = []
    async with Vault.open(running.url, cacert=running.cacert) as opened:
        for number in range(200):
            requests.append(f"cubbyhole/rotation-{number}")
            with suppress(NotFound):
                await opened.session(Caller(complete.token)).send("GET", requests[-1])
            await asyncio.sleep(0.02)
    await vault.stop()
    files = log_files(running.audit_log)
    packed = [path for path in files if path.suffix == ".gz"]
    assert len(packed) >= 1
    assert files[-1] == running.audit_log
    assert len(files) == len(packed) + 2, "the newest of those put aside is not compressed yet"
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert not list(running.audit_log.parent.glob(".*"))
    lines = b"".join(gzip.decompress(path.read_bytes()) if path in packed else path.read_bytes() for path in files)
    assert [name for name in requests if f'"{name}"'.encode() not in lines] == []


def test_what_was_cut_short_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "ROTATE_AT", 3)
    log, first, second = (tmp_path / name for name in ("audit.log", "audit.log-1", "audit.log-2"))
    assert not rotation.put_aside(log)
    first.write_bytes(b"one\n")
    second.write_bytes(b"two\n")
    os.utime(first, ns=(5, 5))
    (tmp_path / ".audit.log-1.gz").write_bytes(b"half")
    rotation.compress_earlier(log)
    packed = tmp_path / "audit.log-1.gz"
    assert (gzip.decompress(packed.read_bytes()), packed.stat().st_mtime_ns) == (b"one\n", 5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audit.log-1.gz", "audit.log-2"]
    first.write_bytes(b"one\n")  # killed between the two steps
    rotation.compress_earlier(log)
    assert not first.exists()
    log.write_bytes(b"new\n")
    assert rotation.put_aside(log)
    assert not log.exists()
