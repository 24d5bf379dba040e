"""One child process: started so that it never outlives us, logged to a file, ended with patience."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dev_vault.layout import open_log
from dev_vault.pidfile import GRACE, PidFile

GUARD = Path(__file__).with_name("guard.py")


@dataclass(slots=True)
class Child:
    """A program to run. `argv[0]` is an absolute path; `environment` is all that it gets to see."""

    argv: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    log: Path
    pid_file: PidFile
    grace: float = GRACE
    _process: asyncio.subprocess.Process | None = None
    _log_begins: int = 0

    async def start(self) -> None:
        """Raises OSError."""
        guarded = [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), *self.argv]
        log = open_log(self.log)
        try:
            self._log_begins = os.fstat(log).st_size
            # A session of its own: Ctrl+C in the terminal reaches us, and we end the child in our order.
            self._process = await asyncio.create_subprocess_exec(
                *guarded,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=dict(self.environment),
                start_new_session=True,
            )
        finally:
            os.close(log)
        self.pid_file.write(self._process.pid, self.argv)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """None while it runs, and before it was started."""
        return self._process.returncode if self._process else None

    async def wait(self) -> int:
        """The exit code, once it has ended by itself or otherwise; negative for a signal."""
        return await self._process.wait() if self._process else 0

    def signal(self, number: int) -> None:
        """Send it a signal, where it still runs."""
        if self._process is not None and self._process.returncode is None:
            _signal(self._process.pid, number)

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL when it takes longer than `grace` seconds. Being cancelled kills it at once."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            _signal(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), self.grace)
            except (TimeoutError, asyncio.CancelledError) as error:
                _signal(process.pid, signal.SIGKILL)
                await process.wait()
                if isinstance(error, asyncio.CancelledError):
                    raise
        if process.returncode == -signal.SIGKILL:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # it had no chance to end its own children
        self.pid_file.remove()
        self._process = None

    def last_error(self) -> str:
        """The message of the last error that it logged since its start; empty when there is none."""
        try:
            with self.log.open("rb") as file:
                file.seek(self._log_begins)
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            return ""
        errors = [line for line in lines if "[ERROR]" in line or line.lower().startswith("error")]
        return errors[-1].partition("[ERROR]")[2].strip()[:300] or errors[-1].strip()[:300] if errors else ""


def _signal(pid: int, number: int) -> None:
    """Not `Process.terminate`: that may take the exit code of a process that has just ended away from asyncio."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def bare_environment() -> dict[str, str]:
    """What any program needs, and nothing that would change a server's settings or hold a token."""
    names = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in names if name in os.environ}
