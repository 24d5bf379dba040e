"""`status-secrets get`, `list` and `render`: data on stdout, talk on stderr, stable exit codes; straight and remote."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapter.vault import Caller
from tests.support.component import AppRole, app_role
from tests.support.server import People, Server
from tests.support.serving import serving

SCOPE = "environment/staging"
VALUE = 'c4n4ry "ü"\n'


@pytest.fixture(scope="module")
def role(server: Server, people: People) -> AppRole:
    return asyncio.run(app_role(server, SCOPE))


@pytest.fixture(scope="module")
def remote(server: Server, people: People) -> Iterator[str]:
    with serving(server) as url:
        yield url.removesuffix("/api/v1")


@dataclass(frozen=True)
class Command:
    environment: dict[str, str] = field(repr=False)

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> tuple[int, str, str]:
        argv = [sys.executable, "-m", "adapter.cli", *arguments]
        env = os.environ | self.environment | environment
        done = subprocess.run(argv, input=stdin.encode(), capture_output=True, env=env, timeout=30)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(params=["vault", "adapter"])
def command(request: pytest.FixtureRequest, server: Server, role: AppRole, remote: str) -> Command:
    """Straight at the vault, and through an adapter."""
    where = server.environment() if request.param == "vault" else {"STATUS_ADAPTER_URL": remote}
    return Command(where | role.environment())


@pytest.fixture
def secret(server: Server, fresh: str) -> str:
    async def write() -> None:
        async with server.vault() as vault:
            root = vault.session(Caller(server.token))
            for data in ({"value": "old"}, {"value": VALUE, "port": 5432}):
                await root.send("POST", "status/data", SCOPE, fresh, body={"data": data})

    asyncio.run(write())
    return f"secret://{SCOPE}/{fresh}"


def test_get(command: Command, secret: str, fresh: str) -> None:
    assert command("get", secret) == (0, VALUE, "")
    assert command("get", f"{SCOPE}/{fresh}") == (0, VALUE, "")
    assert command("get", f"environment~staging~{fresh}", "--version", "1") == (0, "old", "")
    assert command("get", f"{secret}?version=1") == (0, "old", "")
    assert command("get", f"{secret}#port") == command("get", secret, "--field", "port") == (0, "5432", "")
    body = {"ref": secret, "value": VALUE, "version": 2, "fields": {"port": "5432"}}
    code, out, _ = command("get", secret, "--json")
    assert (code, json.loads(out)) == (0, body)


def test_exit_codes(command: Command, secret: str, people: People) -> None:
    developer = {"STATUS_ROLE_ID": "", "VAULT_TOKEN": people["developer"].token.get_secret_value()}
    for arguments, environment, code in (
        (["get", f"{secret}x"], {}, 4),
        (["get", f"{secret}?version=9"], {}, 4),
        (["get", f"{secret}#nothing"], {}, 4),
        (["get", "secret://global/x"], {}, 4),
        (["get", "nonsense"], {}, 2),
        (["get", secret], developer, 3),
        (["get", secret], {"STATUS_SECRET_ID": "wrong"}, 3),
        (["get", secret], {"STATUS_ROLE_ID": ""}, 3),
        (["get", secret], {"VAULT_ADDR": "https://127.0.0.1:1", "STATUS_ADAPTER_URL": "http://127.0.0.1:1"}, 6),
        (["list", "--scope", "nowhere"], {}, 2),
        (["render", "/does/not/exist"], {}, 2),
    ):
        status, out, err = command(*arguments, **environment)
        assert (status, out) == (code, ""), (arguments, err)
        assert err
        assert "c4n4ry" not in err


def test_a_secret_that_expired_is_marked(command: Command, server: Server, secret: str, fresh: str) -> None:
    async def expire() -> None:
        async with server.vault() as vault:
            custom = {"expires_at": (datetime.now(UTC) - timedelta(days=1)).isoformat()}
            await vault.session(Caller(server.token)).send(
                "POST", "status/metadata", SCOPE, fresh, body={"custom_metadata": custom}
            )

    asyncio.run(expire())
    assert command("get", secret) == (0, VALUE, "This secret has expired.\n")
    assert json.loads(command("get", secret, "--json")[1])["expired"] is True


def test_list(command: Command, secret: str, fresh: str) -> None:
    code, out, err = command("list", "--scope", SCOPE)
    assert (code, err) == (0, "")
    assert f"{secret}\tCUSTOM\t2\t" in out.splitlines()
    code, out, _ = command("list", "--json")
    [body] = [body for body in json.loads(out) if body["name"] == fresh]
    assert (code, body["version"], "value" in body, "c4n4ry" in out) == (0, 2, False, False)


def test_render_text(command: Command, secret: str, tmp_path: Path) -> None:
    template = tmp_path / "app.ini"
    template.write_text(f"[db]\nport = ${{{secret}#port}}\nold = ${{{secret}?version=1}} ${{HOME}}\nraw = {secret}\n")
    rendered = f"[db]\nport = 5432\nold = old ${{HOME}}\nraw = {secret}\n"
    assert command("render", str(template)) == (0, rendered, "")
    assert command("render", "-", stdin=template.read_text()) == (0, rendered, "")
    target = tmp_path / "out.ini"
    target.write_text("before")
    target.chmod(0o644)
    assert command("render", str(template), "-o", str(target)) == (0, "", "")
    assert (target.read_text(), target.stat().st_mode & 0o777) == (rendered, 0o600)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["app.ini", "out.ini"]


def test_render_replaces_no_device(command: Command, secret: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, _, err = command("render", "-", "-o", str(tmp_path / "pipe"), stdin=f"${{{secret}}}")
    assert (code, "no ordinary file" in err, (tmp_path / "pipe").is_fifo()) == (2, True, True)


def test_render_json(command: Command, secret: str, tmp_path: Path) -> None:
    template = tmp_path / "datasource.json"
    template.write_text(json.dumps({"config": {"password": secret, "url": f"x ${{{secret}}}", "n": 1}}))
    code, out, _ = command("render", str(template))
    assert (code, json.loads(out)) == (0, {"config": {"password": VALUE, "url": f"x {VALUE}", "n": 1}})


def test_render_is_all_or_nothing(command: Command, secret: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("before")
    code, out, err = command("render", "-", "-o", str(target), stdin=f"${{{secret}}} ${{{secret}x}}")
    assert (code, out, target.read_text()) == (4, "", "before")
    assert f"{secret}x" in err
    assert command("render", "-", stdin="${secret://global/x")[0] == 2
    assert command("render", "-", stdin="nothing in it", VAULT_ADDR="", STATUS_ADAPTER_URL="") == (
        0,
        "nothing in it",
        "",
    )


def test_run_through_an_adapter(command: Command, secret: str) -> None:
    code = "import os; print(os.environ['A'])"
    assert command("run", "--env", f"A={secret}#port", "--", sys.executable, "-c", code) == (0, "5432\n", "")
    status, out, _ = command("run", "--scope", SCOPE, "--", "sh", "-c", "env | grep -c c4n4ry")
    assert (status, int(out) >= 1) == (0, True)


def test_the_reason_and_the_command_are_in_the_log(command: Command, server: Server, secret: str, fresh: str) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    assert command("get", secret, "--reason", "größer → weiter")[0] == 0
    wanted = f"status/data/{SCOPE}/{fresh}"
    lines = [json.loads(line)["request"] for line in server.audit_log.read_text().splitlines() if wanted in line]
    assert lines[-1]["headers"]["x-status-reason"] == ["größer → weiter"]
    assert lines[-1]["headers"]["x-status-client"][0].startswith("get/")
    assert command("get", secret, "--reason", "two\nlines")[0] == 2


def test_run_follows_through_an_adapter_too(command: Command, secret: str) -> None:
    watching = ["run", "--watch", "--watch-every", "0.2", "--env", f"A={secret}#port"]
    assert command(*watching, "--", "sh", "-c", "sleep 0.7; echo $A; exit 3") == (3, "5432\n", "")
