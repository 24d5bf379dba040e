"""The first start is whole or begun anew; nothing of it can be read by others."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapter.errors import NotAllowed, NotSignedIn
from adapter.vault import Caller, Vault
from dev_vault.embedded import FirstStart
from dev_vault.layout import DataFolder
from dev_vault.state import read_state
from tests.embedded.conftest import Complete, MakeVault
from tests.support.bao import lasting_root
from tests.support.processes import none_left


async def _send(url: str, cacert: Path, token: SecretStr, method: str, path: str, body: object = None) -> bytes:
    async with Vault.open(url, cacert=cacert) as vault:
        return (await vault.session(Caller(token)).send(method, path, body=body))[1]


async def test_a_restart_on_another_port_keeps_everything(embedded: MakeVault, tmp_path: Path) -> None:
    seen: list[FirstStart] = []

    async def prepare(first: FirstStart) -> SecretStr:
        seen.append(first)
        return await lasting_root(first)

    vault = embedded(tmp_path / "new" / "data", prepare=prepare)
    first = await vault.start()
    token = vault.first_run
    assert token is not None
    assert seen[0].root_token.get_secret_value() not in repr(seen[0])
    with pytest.raises((NotAllowed, NotSignedIn)):
        await _send(first.url, first.cacert, seen[0].root_token, "GET", "auth/token/lookup-self")
    await _send(first.url, first.cacert, token, "POST", "sys/mounts/kept", {"type": "kv"})
    await _send(first.url, first.cacert, token, "POST", "kept/x", {"value": "still here"})
    vault.confirm()
    assert vault.first_run is None
    await vault.stop()
    assert none_left(first.data_dir)

    again = embedded(first.data_dir, prepare=prepare)
    second = await again.start()
    assert second.url != first.url
    assert again.first_run is None
    assert b"still here" in await _send(second.url, second.cacert, token, "GET", "kept/x")
    await again.stop()
    _check_secrets(first.data_dir, seen[0].root_token.get_secret_value())
    assert len(seen) == 1


def _check_secrets(folder: Path, root_token: str) -> None:
    """Only the owner reads anything; the root token is nowhere, the recovery key in its own file only."""
    recovery_key = (folder / "recovery.key").read_text().strip()
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
        if path.is_file():
            content = path.read_bytes()
            assert root_token.encode() not in content, path
            assert path.name == "recovery.key" or recovery_key.encode() not in content, path
    assert (folder / "audit" / "audit.log").stat().st_size > 0


async def test_an_unconfirmed_first_start_is_begun_anew(embedded: MakeVault, tmp_path: Path) -> None:
    vault = embedded(tmp_path / "data")
    await vault.start()
    old = vault.first_run
    key = (tmp_path / "data" / "seal.key").read_text()
    await vault.stop()
    await vault.start()
    assert vault.first_run is not None
    assert old is not None
    assert vault.first_run.get_secret_value() != old.get_secret_value()
    assert (tmp_path / "data" / "seal.key").read_text() != key


async def test_a_preparation_that_fails_leaves_nothing_running(embedded: MakeVault, tmp_path: Path) -> None:
    async def prepare(first: FirstStart) -> SecretStr:
        raise NotAllowed("Not this time.")

    with pytest.raises(NotAllowed):
        await embedded(tmp_path / "data", prepare=prepare).start()
    assert none_left(tmp_path / "data")
    state = read_state(DataFolder(tmp_path / "data"))
    assert state is not None
    assert not state.complete


async def test_a_restored_backup_is_closed_to_others(embedded: MakeVault, complete: Complete) -> None:
    for path in (complete.folder, complete.folder / "seal.key", complete.folder / "tls" / "ca.key"):
        path.chmod(0o755)
    await embedded(complete.folder).start()
    assert not [path for path in complete.folder.rglob("*") if path.stat().st_mode & 0o077]
