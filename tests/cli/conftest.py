"""The command as a process of its own, and a data folder that it has finished its first start in."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.client import AsyncClient
from tests.cli.started import SCOPE, Run, put
from tests.support.bao import free_port
from tests.support.component import AppRole, app_role
from tests.support.processes import none_left
from tests.support.server import People, Server

COMMAND = [sys.executable, "-m", "adapter.cli"]


@dataclass
class Dev:
    """`status-secrets dev --json` on free ports."""

    folder: Path
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    def start(self) -> Dev:
        argv = [*COMMAND, "dev", "--data-dir", str(self.folder), "--listen", f"127.0.0.1:{self.port}"]
        argv += ["--vault-listen", f"127.0.0.1:{free_port()}", *self.options]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(argv, stdout=pipe, stderr=pipe, text=True, env=os.environ | self.environment)
        return self

    def ready(self) -> dict[str, Any]:
        """What it prints when it is ready."""
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.end(None)
        body: dict[str, Any] = json.loads(line)
        return body

    def end(self, number: int | None) -> tuple[int, str, str]:
        """Send a signal, if one is given: the exit code, and the rest of what was written to stdout and stderr."""
        assert self.process is not None
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err

    def child(self, name: str) -> int:
        """The process id of the `server` or the `adapter`."""
        return int(json.loads((self.folder / f"{name}.pid").read_text())["pid"])


@pytest.fixture(scope="module")
def role(server: Server, people: People) -> AppRole:
    return asyncio.run(app_role(server, SCOPE))


@pytest.fixture
def secret(server: Server, role: AppRole, fresh: str) -> str:
    put(server, fresh, "r4nc4n4ry-one")
    return f"secret://{SCOPE}/{fresh}"


def _interruptible() -> None:
    """A shell's background jobs, such as the tests may be, ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def run(server: Server, role: AppRole) -> Iterator[Run]:
    """Starts `status-secrets run` with these arguments."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        argv = [sys.executable, "-m", "adapter.cli", "run", *arguments]
        env = os.environ | server.environment() | role.environment() | environment
        started.append(
            subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
                text=True,
                env=env,
                preexec_fn=_interruptible,
            )
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def shm(fresh: str) -> Iterator[Path]:
    folder = Path("/dev/shm") / fresh
    yield folder
    assert not folder.exists()


MakeDev = Callable[..., Dev]


@pytest.fixture
def dev() -> Iterator[MakeDev]:
    """Starts `dev`; what still runs at the end is stopped, and must leave nothing behind."""
    started: list[Dev] = []

    def start(folder: Path, *options: str, **environment: str) -> Dev:
        started.append(Dev(folder, options or ("--json",), environment).start())
        return started[-1]

    yield start
    for one in started:
        assert one.process is not None
        if one.process.poll() is None:
            one.end(signal.SIGTERM)
    for one in started:
        assert none_left(one.folder)


@dataclass(frozen=True)
class Finished:
    folder: Path
    passwords: dict[str, SecretStr]


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    first = Dev(tmp_path_factory.mktemp("dev") / "data", ("--json", "--demo")).start()
    accounts = first.ready()["accounts"]
    assert first.end(signal.SIGTERM)[0] == 0
    return Finished(first.folder, {name: SecretStr(account["password"]) for name, account in accounts.items()})


@pytest.fixture
def finished(finished_once: Finished, tmp_path: Path) -> Finished:
    """A folder after its first start with `--demo`, and the passwords it made."""
    return Finished(Path(shutil.copytree(finished_once.folder, tmp_path / "data")), finished_once.passwords)


def client_of(ready: dict[str, Any]) -> AsyncClient:
    return AsyncClient(ready["adapter"] + "/api/v1", verify=ssl.create_default_context(cafile=ready["ca"]))


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)
