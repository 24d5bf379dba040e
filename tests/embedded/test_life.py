"""The server lives exactly as long as the process that started it, and one folder has one server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from adapter.vault import Vault
from dev_vault.pidfile import PidFile
from tests.embedded.conftest import Complete, MakeVault
from tests.support.bao import free_port
from tests.support.processes import none_left, running_for

HOLDER = """
import asyncio, sys
from pathlib import Path
from dev_vault.embedded import EmbeddedVault

async def hold():
    vault = EmbeddedVault(Path(sys.argv[1]), sys.argv[2], prepare=None)
    print((await vault.start()).url, flush=True)
    await asyncio.sleep(60)

asyncio.run(hold())
"""


def _hold(folder: Path) -> subprocess.Popen[str]:
    """A process that runs the folder; returns when the server is up."""
    argv = [sys.executable, "-c", HOLDER, str(folder), f"127.0.0.1:{free_port()}"]
    holder = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline().startswith("https://")
    return holder


async def test_a_killed_holder_leaves_no_server_and_can_start_again(embedded: MakeVault, complete: Complete) -> None:
    holder = _hold(complete.folder)
    holder.kill()
    holder.wait()
    await embedded(complete.folder).start()  # at once, while the old server may still be going down
    assert len(running_for(complete.folder)) == 1
    assert none_left_but(complete.folder, os.getpid())


def none_left_but(folder: Path, parent: int) -> bool:
    """Whether each process of the folder is a child of `parent`."""
    lines = [Path(f"/proc/{pid}/stat").read_text() for pid in running_for(folder)]
    return all(int(line.rpartition(")")[2].split()[1]) == parent for line in lines)


async def test_a_server_that_hangs_at_the_end_of_its_holder_is_ended(embedded: MakeVault, complete: Complete) -> None:
    holder = _hold(complete.folder)
    pid = json.loads((complete.folder / "server.pid").read_text())["pid"]
    os.kill(pid, signal.SIGSTOP)
    holder.kill()
    holder.wait()
    asyncio.get_running_loop().call_later(0.5, os.kill, pid, signal.SIGCONT)
    await embedded(complete.folder).start()
    assert pid not in running_for(complete.folder)


async def test_another_process_attaches(embedded: MakeVault, complete: Complete) -> None:
    holder = _hold(complete.folder)
    try:
        first, second = embedded(complete.folder), embedded(complete.folder)
        for vault in (first, second):
            running = await vault.start()
            assert vault.attached
            assert running.url == json.loads((complete.folder / "running.json").read_text())["url"]
        await first.stop()
        waiting = asyncio.create_task(second.wait())
        await asyncio.sleep(0.2)
        assert running_for(complete.folder)
        assert not waiting.done()
    finally:
        holder.kill()
        holder.wait()
    await asyncio.wait_for(waiting, 10)
    assert none_left(complete.folder)


async def test_wait_tells_that_the_server_ended(embedded: MakeVault, complete: Complete) -> None:
    vault = embedded(complete.folder)
    running = await vault.start()
    async with Vault.open(running.url, cacert=running.cacert) as checked:
        assert (await checked.seal_status())[1] is False
    os.kill(json.loads((complete.folder / "server.pid").read_text())["pid"], signal.SIGKILL)
    assert await asyncio.wait_for(vault.wait(), 5) == -signal.SIGKILL


async def test_only_the_process_written_down_is_ended(tmp_path: Path) -> None:
    argv = ["/bin/sleep", "60"]
    process = subprocess.Popen(argv)
    try:
        file = PidFile(tmp_path / "pid")
        file.write(process.pid, ["/bin/sleep", "61"])
        await file.end_leftover()
        assert process.poll() is None
        file.write(process.pid, argv)
        asyncio.get_running_loop().call_later(0.2, process.poll)  # reap it, as init would
        await file.end_leftover()
        assert process.wait(1) == -signal.SIGTERM
        assert not file.path.exists()
    finally:
        process.kill()
        process.wait()
