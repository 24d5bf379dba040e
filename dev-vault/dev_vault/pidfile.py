"""Which process runs for a data folder, so that one left over by a crash is found and ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapter.errors import SetupFailed
from dev_vault.layout import write_private

GRACE = 15.0
"""Seconds from SIGTERM to SIGKILL."""


@dataclass(frozen=True, slots=True)
class PidFile:
    """A process id with its command line: a number alone may be another program's by now."""

    path: Path

    def write(self, pid: int, argv: Sequence[str]) -> None:
        """Raises OSError."""
        write_private(self.path, json.dumps({"pid": pid, "argv": list(argv)}).encode() + b"\n")

    def remove(self) -> None:
        with suppress(OSError):
            self.path.unlink()

    def running(self) -> int | None:
        """The id of the process, when it still is the one that was written down."""
        try:
            content = json.loads(self.path.read_bytes())
            pid, argv = int(content["pid"]), [str(part) for part in content["argv"]]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return pid if pid > 1 and _command_line(pid) == argv else None

    async def end_leftover(self) -> None:
        """End what an earlier run left behind, and wait for it. Raises SetupFailed when it does not end."""
        pid = self.running()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if pid is None:
                break
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
            pid = await self._wait(GRACE if number is signal.SIGTERM else 3.0)
        if pid is not None:
            raise SetupFailed(
                f"A server of an earlier run (process {pid}) does not end.", hint=f"End it with: kill -9 {pid}"
            )
        self.remove()

    async def _wait(self, seconds: float) -> int | None:
        deadline = time.monotonic() + seconds
        while True:
            pid = self.running()
            if pid is None or time.monotonic() > deadline:
                return pid
            await asyncio.sleep(0.05)


def _command_line(pid: int) -> list[str] | None:
    """The arguments of a running process of ours; None when there is none."""
    if sys.platform == "linux":
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return None
        return [os.fsdecode(part) for part in raw.split(b"\0")[:-1]] or None
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip().split(" ") if shown.returncode == 0 else None
