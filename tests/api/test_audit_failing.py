"""A vault whose audit device cannot write: it refuses everything, and everything says why."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapter.client import AsyncClient
from tests.api.test_failures import adapter_for
from tests.support.bao import running_bao
from tests.support.server import Server


@contextmanager
def audit_log_gone(server: Server, folder: Path) -> Iterator[None]:
    """A folder in the log's place, and the signal that makes the server open the log again."""
    log = server.audit_log
    assert log is not None
    log.rename(log.with_suffix(".kept"))
    log.mkdir()
    os.kill(pid_of(server, folder), signal.SIGHUP)
    try:
        yield
    finally:
        log.rmdir()


def pid_of(server: Server, folder: Path) -> int:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                command = (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if Path(command[0]).name == "bao" and any(str(folder) in part for part in command):
                return int(entry.name)
    raise AssertionError("the server does not run")


def test_what_is_refused_says_why(tmp_path: Path) -> None:
    async def refused(server: Server) -> None:
        async with adapter_for(server.url, server.cacert) as api:
            headers = {"X-Vault-Token": server.token.get_secret_value()}
            assert (await api.get("/secrets", headers=headers)).status_code == 200
            client = AsyncClient(str(api.base_url), transport=api._transport)
            with audit_log_gone(server, tmp_path):
                await asyncio.sleep(0.5)
                for path in ("/secrets", "/doctor", "/grants"):
                    answer = await api.get(path, headers=headers)
                    assert (answer.status_code, answer.json()["code"]) == (500, "outcome_unknown"), answer.text
                    assert "audit log" in answer.json()["detail"]
                assert (await client.health()).status == "ok", "the vault itself says nothing of it"
            assert (await api.get("/secrets", headers=headers)).status_code == 200
            await client.aclose()

    with running_bao(tmp_path / "data") as server:
        asyncio.run(refused(server))
