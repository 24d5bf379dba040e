"""`status-secrets audit verify` at an adapter that seals the log of its own vault."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.cli.conftest import COMMAND, Dev, Finished, MakeDev, client_of, dev, finished, finished_once

__all__ = ["dev", "finished", "finished_once"]


async def test_a_line_taken_out_of_the_log_is_missed(dev: MakeDev, finished: Finished) -> None:
    one: Dev = dev(finished.folder, "--json", STATUS_AUDIT_SEAL_EVERY="86400")  # the first one at once
    ready = one.ready()
    async with client_of(ready) as client:
        token = (await client.login("admin", finished.passwords["admin"])).token.get_secret_value()
        viewer = (await client.login("viewer", finished.passwords["viewer"])).token.get_secret_value()
    assert verify(ready, viewer).returncode == 3
    told = sealed(ready, token)
    assert told["intact"] is True
    log = Path(ready["auditLog"])
    lines = log.read_bytes().splitlines(keepends=True)
    with log.open("r+b") as file:  # in place, as somebody on the vault's own machine would do it
        file.write(b"".join(lines[:20] + lines[21:]))
        file.truncate()
    ended = verify(ready, token)
    assert ended.returncode == 2
    assert "a line was removed after line 20" in ended.stdout


def verify(ready: dict[str, Any], token: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "STATUS_ADAPTER_URL": ready["adapter"],
        "STATUS_ADAPTER_CACERT": ready["ca"],
        "VAULT_TOKEN": token,
    }
    command = [*COMMAND, "audit", "verify", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def sealed(ready: dict[str, Any], token: str) -> dict[str, Any]:
    """What is told once there is a seal."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        ended = verify(ready, token, "--json")
        told: dict[str, Any] = json.loads(ended.stdout)
        if told["seals"]:
            return told
        time.sleep(0.5)
    raise AssertionError("no seal was made")
