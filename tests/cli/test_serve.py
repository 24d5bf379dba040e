"""`status-secrets serve`: the adapter alone, and the command's own manners."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapter.cli import http_server
from adapter.client import AsyncClient
from adapter.errors import StatusError
from dev_vault.layout import DataFolder
from dev_vault.tls import ensure_certificates
from tests.cli.conftest import COMMAND
from tests.support.bao import free_port
from tests.support.server import Person, Server
from tests.support.serving import serving

VAULT = {"VAULT_ADDR": "https://127.0.0.1:1"}


@pytest.fixture
def certificates(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "certificates")
    folder.make()
    folder.make_folders()
    ensure_certificates(folder, [])
    return folder


@pytest.fixture
def adapter(server: Server, certificates: DataFolder) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`serve` in front of the tests' server, and the port it listens on."""
    port = free_port()
    options = ["--tls-cert", str(certificates.server_cert), "--tls-key", str(certificates.server_key)]
    argv = [*COMMAND, "serve", "--listen", f"127.0.0.1:{port}", *options]
    pipe = subprocess.PIPE
    process = subprocess.Popen(argv, stdout=pipe, stderr=pipe, text=True, env=os.environ | server.environment())
    yield process, port
    if process.poll() is None:
        process.kill()
    process.communicate()


async def _ready(client: AsyncClient) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            assert (await client.health()).status == "ok"
        except StatusError:
            assert time.monotonic() < deadline
        else:
            return


async def test_over_tls_until_told(
    adapter: tuple[subprocess.Popen[str], int], certificates: DataFolder, people: dict[str, Person]
) -> None:
    process, port = adapter
    trust = ssl.create_default_context(cafile=str(certificates.ca_cert))
    async with AsyncClient(f"https://127.0.0.1:{port}/api/v1", verify=trust) as client:
        await _ready(client)
        await client.login(people["viewer"].name, people["viewer"].password)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)  # while a connection is open
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert time.monotonic() - begun < 4
    assert out == ""
    assert people["viewer"].password.get_secret_value() not in err
    assert "Traceback" not in err


async def test_an_open_stream_does_not_hold_up_the_end(server: Server, people: dict[str, Person]) -> None:
    """And neither a traceback nor a name of a secret is logged about it."""
    port = free_port()
    argv = [*COMMAND, "serve", "--no-tls", "--listen", f"127.0.0.1:{port}"]
    environment = os.environ | server.environment() | {"STATUS_LOG_FORMAT": "json", "STATUS_LOG_LEVEL": "info"}
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=environment)
    url = f"http://127.0.0.1:{port}/api/v1"
    async with AsyncClient(url) as client:
        await _ready(client)
    headers = {"X-Vault-Token": people["viewer"].token.get_secret_value()}
    async with httpx.AsyncClient() as http, http.stream("GET", f"{url}/events", headers=headers) as answer:
        assert answer.status_code == 200
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.to_thread(process.communicate, timeout=15)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert "No identity of its own" in err
    assert "No audit log (STATUS_AUDIT_LOG)" in err
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert {"/health", "/events"} <= {line.get("route") for line in lines}


async def test_a_slow_or_endless_head_is_not_waited_for(server: Server, people: dict[str, Person]) -> None:
    with serving(server) as url:
        port = int(url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as endless:
            endless.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\n")
            with pytest.raises(OSError, match=r"reset|pipe|abort"):
                _send_without_end(endless)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            plain.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert plain.recv(100).startswith(b"HTTP/1.1 200")


def _send_without_end(connection: socket.socket) -> None:
    for _ in range(2_000):
        connection.sendall(b"X-Filler: " + b"x" * 1_000 + b"\r\n")
        time.sleep(0.0005)


def test_the_time_for_a_head_is_limited() -> None:
    """The timer itself, as thirty seconds are too long for a test."""
    closed: list[bool] = []

    class Loop:
        def call_later(self, seconds: float, act: object) -> object:
            closed.append(seconds == http_server.HEADER_SECONDS)
            return type("Handle", (), {"cancel": lambda self: closed.append(False)})()

    connection = http_server.Guarded.__new__(http_server.Guarded)
    connection.loop = Loop()  # type: ignore[assignment]
    connection.transport = type("Transport", (), {"close": lambda self: None})()
    connection._expect_rest()
    connection._forget_head()
    connection._forget_head()
    assert closed == [True, False]


async def test_a_killed_parent_takes_its_worker_along(
    adapter: tuple[subprocess.Popen[str], int], certificates: DataFolder
) -> None:
    process, port = adapter
    trust = ssl.create_default_context(cafile=str(certificates.ca_cert))
    async with AsyncClient(f"https://127.0.0.1:{port}/api/v1", verify=trust) as client:
        await _ready(client)
    process.kill()
    process.communicate(timeout=10)  # the pipes close when the worker is gone, too
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def _refused(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, "serve", *options],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done


def test_no_vault_is_named() -> None:
    done = _refused("--no-tls")
    assert done.returncode == 2
    assert "No vault is named." in done.stderr
    assert "VAULT_ADDR" in done.stderr


def test_no_certificate() -> None:
    done = _refused(**VAULT)
    assert done.returncode == 2
    assert "STATUS_TLS_CERT" in done.stderr


def test_a_certificate_and_the_key_of_another(certificates: DataFolder) -> None:
    done = _refused("--tls-cert", str(certificates.ca_cert), "--tls-key", str(certificates.server_key), **VAULT)
    assert done.returncode == 2
    assert "belong together" in done.stderr


def test_plain_http_beyond_loopback() -> None:
    done = _refused("--no-tls", "--listen", "0.0.0.0:8350", **VAULT)
    assert done.returncode == 2
    assert "loopback only" in done.stderr


def test_the_port_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = _refused("--no-tls", "--listen", f"127.0.0.1:{taken.getsockname()[1]}", **VAULT)
    assert done.returncode == 1
    assert "Another program listens" in done.stderr


def test_the_help_is_quick_to_import() -> None:
    script = (
        "import sys\n"
        "from adapter.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'aiohttp', 'fastapi', 'uvicorn', 'httpx', 'hvac', 'pydantic', 'textual'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "dev" in done.stdout


@pytest.mark.parametrize(("argv", "code"), [(["--version"], 0), (["nonsense"], 2), (["serve", "--nonsense"], 2)])
def test_exit_codes(argv: list[str], code: int) -> None:
    done = subprocess.run([*COMMAND, *argv], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
