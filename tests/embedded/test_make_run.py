"""`statustui` in a real terminal: killed with SIGKILL nothing is left, and it comes up again with the same accounts."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.support.bao import free_port
from tests.support.processes import none_left

PATIENCE = 40.0


class Terminal:
    """A program in a terminal of 100 by 30 cells, and what it has printed."""

    def __init__(self, *argv: str) -> None:
        self.seen = ""
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            os.execv(argv[0], argv)
        ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + PATIENCE
        while words not in self.seen:
            assert time.monotonic() < until, f"{words!r} did not appear"
            if select.select([self._terminal], [], [], 0.2)[0]:
                raw = os.read(self._terminal, 65536).decode(errors="replace")
                self.seen += re.sub(r"\x1b\[[0-9;?<>=]*[A-Za-z]", "", raw)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)


@pytest.fixture
def start(tmp_path: Path) -> list[str]:
    return [
        sys.executable,
        "-m",
        "statustui",
        "--data-dir",
        str(tmp_path / "data"),
        "--vault-listen",
        f"127.0.0.1:{free_port()}",
    ]


def until_confirmed(state: Path) -> None:
    """The passwords are on the screen; killed before this mark, the next start makes new ones."""
    until = time.monotonic() + PATIENCE
    while not json.loads(state.read_text())["complete"]:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_killed_it_leaves_nothing_and_comes_up_again(start: list[str], tmp_path: Path) -> None:
    first = Terminal(*start)
    first.wait_for("These passwords are shown once")
    until_confirmed(tmp_path / "data" / "state.json")
    first.kill()
    assert none_left(tmp_path / "data")
    again = Terminal(*start)
    again.wait_for("Password")
    assert "These passwords are shown once" not in again.seen
    again.kill()
    assert none_left(tmp_path / "data")
    loose = [path for path in (tmp_path / "data").rglob("*") if path.stat().st_mode & 0o077]
    assert loose == []
