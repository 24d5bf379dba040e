"""What our processes do to keep their memory to themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapter.memory import wipe
from tests.cli.conftest import Finished, MakeDev
from tests.support.processes import running_for

linux = pytest.mark.skipif(sys.platform != "linux", reason="prctl and /proc are Linux's")

AT_THE_END = """
import atexit, ctypes, resource
PR_GET_DUMPABLE = 3
before = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE)
def show():
    print(before, ctypes.CDLL(None).prctl(PR_GET_DUMPABLE), resource.getrlimit(resource.RLIMIT_CORE))
atexit.register(show)
"""


@linux
@pytest.mark.parametrize(
    "program",
    [
        "import adapter.cli; adapter.cli.main(['--help'])",
        "import statustui.__main__ as tui; tui.main([])",
    ],
    ids=["status-secrets", "statustui"],
)
def test_no_dumps_and_no_ptrace(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_THE_END + program],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "1 0 (0, 0)", done.stderr


@linux
def test_the_vault_and_all_others_dump_no_core(dev: MakeDev, finished: Finished) -> None:
    one = dev(finished.folder)
    one.ready()
    assert one.process is not None
    pids = {one.process.pid, one.child("server"), one.child("adapter"), *running_for(finished.folder)}
    limits = {pid: Path(f"/proc/{pid}/limits").read_text() for pid in pids}
    assert len(limits) >= 3
    for text in limits.values():
        line = next(line for line in text.splitlines() if line.startswith("Max core file size"))
        assert line.split()[4:6] == ["0", "0"]
    assert one.end(signal.SIGTERM)[0] == 0


@linux
@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every process")
def test_another_process_of_the_user_cannot_look(dev: MakeDev, finished: Finished) -> None:
    one = dev(finished.folder)
    one.ready()
    with pytest.raises(PermissionError):
        Path(f"/proc/{one.child('adapter')}/environ").read_bytes()


def test_wiping() -> None:
    buffer = bytearray(b"secret")
    view = memoryview(buffer)
    wipe(buffer)
    assert bytes(view) == bytes(6)
