"""`status-secrets import` and `export`, as processes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND
from tests.support.server import People, Server

SCOPE = "environment/development"
CANARY = "c4n4ry-cl1"


@pytest.fixture
def developer(server: Server, people: People) -> dict[str, str]:
    return os.environ | server.environment() | {"VAULT_TOKEN": people["developer"].token.get_secret_value()}


def run(environment: dict[str, str], *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *words], env=environment, input=text, capture_output=True, text=True, timeout=60, check=False
    )
    assert CANARY not in done.stdout + done.stderr
    return done


def test_a_file_in_and_the_list_out(developer: dict[str, str], fresh: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{fresh}_PASSWORD={CANARY}\n{fresh}_EMPTY=\n")
    planned = run(developer, "import", str(file), "--scope", SCOPE, "--dry-run")
    assert (planned.returncode, planned.stderr) == (2, "")
    assert f"+ {fresh}_password  PASSWORD  new" in planned.stdout
    assert f"! {fresh}_empty  The value is empty." in planned.stdout
    assert "would be: 1 created, 0 changed, 1 refused" in planned.stdout

    file.write_text(f"{fresh}_PASSWORD={CANARY}\n")
    done = run(developer, "import", str(file), "--scope", SCOPE, "--reason", "moved here")
    assert (done.returncode, done.stderr) == (0, "")
    listed = run(developer, "export", "--scope", SCOPE)
    found = next(one for one in json.loads(listed.stdout) if one["name"] == f"{fresh}_password")
    assert (found["reason"], "value" in found) == ("moved here", False)
    table = run(developer, "export", "--scope", SCOPE, "--format", "csv")
    assert f"environment~development~{fresh}_password" in table.stdout


def test_from_the_standard_input(developer: dict[str, str], fresh: str) -> None:
    text = json.dumps({fresh: CANARY})
    done = run(developer, "import", "-", "--format", "json", "--scope", SCOPE, text=text)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"+ {fresh}" in done.stdout


def test_a_folder(developer: dict[str, str], fresh: str, tmp_path: Path) -> None:
    name = f"{fresh}_ssh"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    (tmp_path / "picture.bin").write_bytes(bytes(range(256)))
    done = run(developer, "import", str(tmp_path), "--scope", SCOPE)
    assert done.returncode == 2
    assert f"+ {name}  SSH_KEY  new  ({name}, {name}.pub)" in done.stdout
    assert "! picture.bin  That is not PEM text." in done.stdout


def test_what_goes_wrong(developer: dict[str, str], people: People, tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    file.write_text(CANARY)
    broken = run(developer, "import", str(file), "--scope", SCOPE)
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "no JSON" in broken.stderr
    viewer = developer | {"VAULT_TOKEN": people["viewer"].token.get_secret_value()}
    file.write_text(json.dumps({"a": CANARY}))
    refused = run(viewer, "import", str(file), "--scope", SCOPE)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "DEVELOPER" in refused.stderr
