"""The program on a real terminal: that it ends when the terminal does."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

_SLOW = """
import asyncio
from adapter.errors import Unreachable
import statustui.__main__ as program

class Backend:
    runs_vault = True
    def __init__(self, settings): pass
    async def start(self, report): raise Unreachable("There is nothing here.")
    async def stop(self): await asyncio.sleep(1)

program.LocalBackend = Backend
program.main()
"""
"""The program, with a vault that could not be started and takes its time to stop."""


class OnTerminal:
    def __init__(self, home: Path) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            env = {**os.environ, "TERM": "xterm-256color", "HOME": str(home)}
            os.execve(sys.executable, [sys.executable, "-c", _SLOW], env)
        self._seen = b""

    def wait_for(self, words: bytes) -> None:
        end = time.monotonic() + 30
        while words not in self._seen:
            assert time.monotonic() < end, self._seen[-500:]
            if select.select([self._master], [], [], 0.1)[0]:
                self._seen += os.read(self._master, 65536)

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def hang_up(self) -> None:
        os.close(self._master)

    @property
    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def ended(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                self.pid = 0
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[OnTerminal]:
    running = OnTerminal(tmp_path)
    yield running
    with suppress(OSError):
        running.hang_up()
    if running.pid:
        os.kill(running.pid, signal.SIGKILL)
        os.waitpid(running.pid, 0)


def test_a_hang_up_while_it_leaves_ends_it(terminal: OnTerminal) -> None:
    terminal.wait_for(b"nothing here")
    terminal.press(b"\x11")
    terminal.wait_for(b"Stopping the vault")
    terminal.hang_up()
    assert terminal.ended(10)


def test_a_hang_up_while_it_runs_ends_it(terminal: OnTerminal) -> None:
    terminal.wait_for(b"nothing here")
    terminal.hang_up()
    assert terminal.ended(10)


def test_a_signal_to_go_on_starts_no_second_reader(terminal: OnTerminal) -> None:
    terminal.wait_for(b"nothing here")
    threads = terminal.threads
    os.kill(terminal.pid, signal.SIGCONT)
    time.sleep(0.5)
    assert terminal.threads == threads
