"""A command that reads for somebody finds the identity of the embedded server that it is told to use."""

from __future__ import annotations

from pathlib import Path

from adapter.cli.embedded_identity import with_identity
from adapter.settings import load_settings as load
from adapter.settings import own_secret_id
from dev_vault.layout import DataFolder
from dev_vault.lock import FolderLock

URL = "https://127.0.0.1:8200"


def test_only_of_the_server_that_runs_and_is_named(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.make()
    folder.make_folders()
    folder.role_id.write_text("role\n")
    folder.secret_id.write_text("c4n4ry\n")
    named = load(vault_addr=URL, vault_cacert=folder.ca_cert, data_dir=tmp_path / "elsewhere")
    assert with_identity(named).adapter_role_id is None, "it does not run"
    FolderLock(folder).announce(URL)
    found = with_identity(named)
    secret_id = own_secret_id(found)
    assert (found.adapter_role_id, secret_id and secret_id.get_secret_value()) == ("role", "c4n4ry")
    assert with_identity(load(vault_addr=URL, data_dir=folder.root)).adapter_role_id == "role"
    other = load(vault_addr="https://127.0.0.1:8201", vault_cacert=folder.ca_cert, data_dir=folder.root)
    assert with_identity(other).adapter_role_id is None
    own = load(vault_addr=URL, data_dir=folder.root, adapter_role_id="mine")
    assert with_identity(own) is own
