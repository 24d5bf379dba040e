"""`status-secrets backup` and `restore`, as processes, with the `age` command as the second witness."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyrage
import pytest

from adapter.cli.age_file import identities, recipients
from adapter.cli.restore import checked
from adapter.errors import Invalid
from adapter.model.address import Address
from adapter.provision import Wanted, apply
from adapter.provision.people import adapter_credentials
from adapter.service.app import Services
from adapter.service.versions import history
from adapter.vault import Caller
from tests.cli.conftest import COMMAND
from tests.conftest import WANTED
from tests.support.bao import running_bao
from tests.support.server import People, Server
from tests.support.tools import need

SCOPE = "environment/staging"
CANARY = "c4n4ry-b4ckup"


@dataclass(frozen=True)
class Keys:
    """What `age-keygen` made."""

    identity: Path
    recipient: str


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    identity = tmp_path_factory.mktemp("age") / "key.txt"
    subprocess.run([need("age-keygen"), "-o", identity], check=True, capture_output=True)
    shown = subprocess.run(["age-keygen", "-y", identity], check=True, capture_output=True, text=True)
    return Keys(identity, shown.stdout.strip())


@pytest.fixture(scope="module")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the `global` scope only, and nothing in it."""
    with running_bao(tmp_path_factory.mktemp("other") / "data") as own:
        yield own


async def environment(server: Server, token: str) -> dict[str, str]:
    """What an ADMIN's command is given who runs the adapter too."""
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
    own = {"STATUS_ADAPTER_ROLE_ID": role_id, "STATUS_ADAPTER_SECRET_ID": secret_id.get_secret_value()}
    return os.environ | server.environment() | own | {"VAULT_TOKEN": token}


def run(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *map(str, words)], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert CANARY not in done.stdout + done.stderr
    return done


async def make(api: httpx.AsyncClient, people: People, name: str) -> str:
    """A secret with three versions, the first of them destroyed, by the developer."""
    developer = people["developer"].headers
    body = {"name": name, "type": "PASSWORD", "value": f"{CANARY} 1", "scope": SCOPE, "reason": "first", "tags": ["t"]}
    secret = (await api.post("/secrets", json=body, headers=developer)).json()["id"]
    for number, reason in ((2, "second"), (3, "third")):
        change = {"value": f"{CANARY} {number}", "reason": reason}
        assert (await api.post(f"/secrets/{secret}/versions", json=change, headers=developer)).status_code == 201
    await api.post(f"/secrets/{secret}/versions/1/destroy", json={}, headers=people["admin"].headers)
    return str(secret)


async def test_into_an_empty_server_and_again(
    server: Server, other_server: Server, people: People, api: httpx.AsyncClient, keys: Keys, fresh: str, tmp_path: Path
) -> None:
    await make(api, people, fresh)
    here = await environment(server, people["admin"].token.get_secret_value())
    file = tmp_path / "backup.age"
    done = run(here, "backup", "--recipient", keys.recipient, "--scope", SCOPE, "-o", file, "--reason", "nightly")
    assert (done.returncode, done.stderr) == (0, "")
    assert "are in" in done.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert CANARY.encode() not in file.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["backup.age"]

    opened = subprocess.run([need("age"), "-d", "-i", keys.identity, file], check=True, capture_output=True, text=True)
    lines = [json.loads(line) for line in opened.stdout.splitlines()]
    assert (lines[0]["kind"], lines[0]["format"], lines[0]["version"]) == ("head", "status-secrets-backup", 1)
    saved = next(line for line in lines if line.get("path") == f"{SCOPE}/{fresh}")
    assert [version.get("data") for version in saved["versions"]] == [
        None, {"value": f"{CANARY} 2"}, {"value": f"{CANARY} 3"},
    ]  # fmt: skip
    assert lines[-1]["kind"] == "end"

    async with other_server.vault() as vault:
        await apply(vault, other_server.token, Wanted())
    there = await environment(other_server, other_server.token.get_secret_value())
    planned = run(there, "restore", file, "--identity", keys.identity, "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert f"+ {SCOPE}/{fresh}: versions 1 to 3" in planned.stdout
    assert f"+ scope {SCOPE}" in planned.stdout
    restored = run(there, "restore", file, "--identity", keys.identity)
    assert restored.returncode == 0, restored.stderr
    again = run(there, "restore", file, "--identity", keys.identity)
    assert again.returncode == 0
    assert "0 secrets added" in again.stdout
    async with other_server.vault() as vault:
        versions = await history(Services(vault).act(Caller(other_server.token)), Address(f"{SCOPE}/{fresh}"))
    author = people["developer"].name
    assert [(one.version, one.created_by, one.reason, one.origin, one.state) for one in versions] == [
        (3, author, "third", "restored", "current"),
        (2, author, "second", "restored", "earlier"),
        (1, author, "first", "restored", "destroyed"),
    ]


async def test_who_can_open_it(
    server: Server, people: People, api: httpx.AsyncClient, keys: Keys, fresh: str, tmp_path: Path
) -> None:
    """Recipients of a file and SSH keys; a file that `age` itself encrypted; not the wrong identity."""
    await make(api, people, fresh)
    here = await environment(server, people["admin"].token.get_secret_value())
    for name in ("mine", "other"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    named = tmp_path / "recipients"
    named.write_text(f"# us\n{keys.recipient}\n{(tmp_path / 'mine.pub').read_text()}\n")
    file = tmp_path / "backup.age"
    done = run(here, "backup", "--recipients-file", named, "--scope", SCOPE, "-o", file)
    assert done.returncode == 0, done.stderr
    for identity in (keys.identity, tmp_path / "mine"):
        same = run(here, "restore", file, "--identity", identity, "--scope", SCOPE, "--dry-run")
        assert (same.returncode, "0 secrets to add" in same.stdout) == (0, True), same.stderr
        subprocess.run([need("age"), "-d", "-i", identity, "-o", tmp_path / "plain", file], check=True)
    again = tmp_path / "again.age"
    subprocess.run([need("age"), "-r", keys.recipient, "-o", again, tmp_path / "plain"], check=True)
    assert run(here, "restore", again, "--identity", keys.identity, "--dry-run").returncode == 0
    refused = run(here, "restore", file, "--identity", tmp_path / "other", "--dry-run")
    assert (refused.returncode, "does not open this backup" in refused.stderr) == (2, True)


async def test_a_backup_that_is_not_whole_changes_nothing(
    server: Server, people: People, api: httpx.AsyncClient, keys: Keys, fresh: str, tmp_path: Path
) -> None:
    secret = await make(api, people, fresh)
    here = await environment(server, people["admin"].token.get_secret_value())
    file, plain = tmp_path / "backup.age", tmp_path / "plain"
    assert run(here, "backup", "--recipient", keys.recipient, "--scope", SCOPE, "-o", file).returncode == 0
    subprocess.run([need("age"), "-d", "-i", keys.identity, "-o", plain, file], check=True)
    lines = plain.read_bytes().splitlines(keepends=True)
    await api.delete(f"/secrets/{secret}", headers=people["admin"].headers)

    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    done = run(here, "restore", file, "--identity", keys.identity)
    assert (done.returncode, done.stdout, "damaged or cut off" in done.stderr) == (2, "", True)
    assert (await api.get(f"/secrets/{secret}", headers=people["admin"].headers)).status_code == 404

    made = tmp_path / "made.age"
    parts = [lines[:-1], lines[:2] + lines[3:], [*lines, lines[1]], [*lines, b"{}"], lines[1:], [b"{}\n"], []]
    broken = [pyrage.encrypt(b"".join(part), recipients([keys.recipient], [])) for part in parts]
    for content in (*broken, b"no age file", whole[:-20] + bytes(20)):
        made.write_bytes(content)
        with pytest.raises(Invalid):
            await checked(made, identities(keys.identity))
    made.write_bytes(whole)
    assert SCOPE in (await checked(made, identities(keys.identity))).scopes


async def test_what_is_refused(server: Server, people: People, keys: Keys, tmp_path: Path) -> None:
    file = tmp_path / "backup.age"
    words = ("backup", "--recipient", keys.recipient, "-o", file)
    developer = await environment(server, people["developer"].token.get_secret_value())
    refused = run(developer, *words, "--scope", SCOPE)
    assert (refused.returncode, "ADMIN" in refused.stderr) == (3, True)
    assert list(tmp_path.iterdir()) == []
    admin = await environment(server, people["admin"].token.get_secret_value())
    secret = keys.identity.read_text().split()[-1]
    mistaken = run(admin, "backup", "--recipient", secret, "-o", file)
    assert (mistaken.returncode, secret in mistaken.stderr) == (2, False)
    file.write_text("something that is there")
    there = run(admin, *words, "--scope", SCOPE)
    assert (there.returncode, file.read_text()) == (5, "something that is there")
    assert "File already exists" in there.stderr
    assert run(admin, "backup", "--recipient", keys.recipient, "-o", tmp_path / "no" / "where").returncode == 1
    without = {name: text for name, text in admin.items() if not name.startswith("STATUS_ADAPTER")}
    noted = run(without, "backup", "--recipient", keys.recipient, "-o", tmp_path / "all.age")
    assert (noted.returncode, "as used by you" in noted.stderr) == (0, True)
