"""`status-secrets rotate` as a process, with datasources as STATUS keeps them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.cli.rotate import command
from adapter.errors import Invalid, NotAllowed, NotSignedIn
from adapter.model.wire import SecretCreate
from adapter.vault import Caller
from adapter.vault.answers import decode_any
from adapter.vault.tokens import login_approle
from tests.datasources.conftest import Rotation
from tests.support.server import People, Person

FIRST = "f1rst-p4ssword"


def run(rotation: Rotation, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | rotation.environment()
    argv = [sys.executable, "-m", "adapter.cli", "rotate", rotation.ref, "--using", "postgres", *arguments]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60)


def place(rotation: Rotation) -> list[str]:
    return ["--host", "127.0.0.1", "--port", str(rotation.postgres.port), "--database", "postgres"]


@pytest.fixture
async def made(rotation: Rotation) -> Rotation:
    rotation.postgres.add(rotation.account, FIRST)
    await rotation.keep(FIRST)
    return rotation


async def test_it_says_how_long_the_current_version_did_not_work(made: Rotation) -> None:
    done = run(made, *place(made), "--user", made.account, "--reason", "left the team")
    assert done.returncode == 0, done.stderr
    start = (
        f"environment/production/{made.account}: version 2, account {made.account}; the current version did not work"
    )
    assert done.stdout.startswith(start)
    assert done.stdout.endswith(" ms\n")
    assert await made.works()
    assert (await made.history())[0].reason == "left the team"
    password = (await made.value()).value.get_secret_value()
    assert password not in done.stdout + done.stderr


async def test_a_datasource_says_where_the_database_is(made: Rotation, tmp_path: Path) -> None:
    async with made.client() as client:
        ca = {"name": f"{made.account}_ca", "type": "CUSTOM", "value": made.postgres.ca.pem}
        await client.create(SecretCreate.model_validate(ca | {"scope": "environment/production"}))
    datasource = {
        "name": "Reports",
        "definitionId": "postgresql",
        "environment": "production",
        "config": {
            "host": "127.0.0.1",
            "port": made.postgres.port,
            "user": made.account,
            "password": made.ref,
            "database": "postgres",
            "ssl": {"ca": f"{made.ref}_ca"},
        },
    }
    file = tmp_path / "datasource.json"
    file.write_text(json.dumps(datasource))
    done = run(made, "--datasource", str(file), "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert 0 < answer.pop("gapMs") < 5000
    assert answer == {"ref": made.ref, "version": 2, "account": made.account, "finished": False}
    assert await made.works()
    # A certificate of another authority is not trusted, so no password is sent there.
    datasource["config"]["ssl"] = {"ca": _other_ca()}  # type: ignore[index]
    file.write_text(json.dumps(datasource))
    refused = run(made, "--datasource", str(file))
    assert refused.returncode != 0
    assert (await made.value()).version == 2


def _other_ca() -> str:
    from tests.secret_types.authority import issue

    return issue("Another CA", ca=True).pem


async def test_a_role_for_a_timer(made: Rotation) -> None:
    """As docs/rotation.md has it: both rights in one scope, by AppRole."""
    server, name = made.server, f"rotator-{made.account}"
    scope = "environment-production"
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        body = {"token_ttl": "10m", "token_policies": ["default", f"status-use-{scope}", f"status-developer-{scope}"]}
        await root.send("POST", "auth/status-approle/role", name, body=body)
        _, content = await root.send("GET", "auth/status-approle/role", name, "role-id")
        role_id = decode_any(content)["role_id"]
        _, content = await root.send("POST", "auth/status-approle/role", name, "secret-id", body={})
        secret_id = SecretStr(decode_any(content)["secret_id"])
        auth = await login_approle(vault.session(Caller(SecretStr(""))), role_id, secret_id, "status-approle")
        await root.send("DELETE", "auth/status-approle/role", name)
    timer = Rotation(server, Person(name, SecretStr(""), SecretStr(auth.client_token)), made.postgres, made.account)
    done = run(timer, *place(made), "--user", made.account)
    assert done.returncode == 0, done.stderr
    assert await made.works()


async def test_two_accounts_with_an_admin_from_a_secret(rotation: Rotation) -> None:
    account, other, admin = rotation.account, f"{rotation.account}_b", f"{rotation.account}_admin"
    rotation.postgres.add(account, FIRST)
    rotation.postgres.add(other)
    rotation.postgres.add(admin, "4dmin-p4ssword", "CREATEROLE SUPERUSER")
    await rotation.keep(FIRST, username=account)
    keeper = Rotation(rotation.server, rotation.person, rotation.postgres, admin)
    await keeper.keep("4dmin-p4ssword", username=admin)
    options = [*place(rotation), "--alternate", account, other, "--admin", keeper.ref]
    for version, expected in ((2, other), (3, account)):
        done = run(rotation, *options)
        assert done.returncode == 0, done.stderr
        assert done.stdout == (
            f"environment/production/{account}: version {version}, account {expected}; "
            "the current version worked at every moment\n"
        )
        assert await rotation.works()


def test_what_is_missing_is_said(
    rotation: Rotation, people: People, component: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotation.postgres.add(rotation.account, FIRST)
    asyncio.run(rotation.keep(FIRST))
    argv = [rotation.ref, "--using", "postgres", *place(rotation), "--user", rotation.account]
    for name, value in rotation.environment().items():
        monkeypatch.setenv(name, value)
    for person, right in ((component, "DEVELOPER"), (people["developer"], "use"), (people["viewer"], "DEVELOPER")):
        monkeypatch.setenv("VAULT_TOKEN", person.token.get_secret_value())
        with pytest.raises(NotAllowed) as caught:
            command.main(argv, standalone_mode=False)
        assert right in caught.value.detail
        assert caught.value.exit_code == 3
    assert asyncio.run(rotation.value()).version == 1
    assert asyncio.run(rotation.works())


def test_wrong_usage(rotation: Rotation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(rotation.keep(FIRST))
    for name, value in rotation.environment().items():
        monkeypatch.setenv(name, value)
    bad = tmp_path / "bad.json"
    bad.write_text("[]")
    for options, words in (
        (["--user", rotation.account], "There is no host"),
        ([*place(rotation)], "Name the account with --user"),
        ([*place(rotation), "--datasource", str(tmp_path / "none.json")], "cannot be read"),
        ([*place(rotation), "--datasource", str(bad)], "no JSON object"),
        ([*place(rotation), "--admin", "no reference"], "names no secret"),
        ([*place(rotation), "--user", "x", "--admin", rotation.ref], "Name the account with --admin-user"),
    ):
        with pytest.raises(Invalid) as caught:
            command.main([rotation.ref, "--using", "postgres", *options], standalone_mode=False)
        assert words in f"{caught.value.detail} {caught.value.hint}"
    monkeypatch.setenv("VAULT_TOKEN", "s.wrong")
    with pytest.raises(NotSignedIn):
        command.main(
            [
                rotation.ref.removeprefix("secret://"),
                "--using",
                "postgres",
                *place(rotation),
                "--user",
                rotation.account,
            ],
            standalone_mode=False,
        )
