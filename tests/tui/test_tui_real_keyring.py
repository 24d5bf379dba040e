"""The operating system's keyring for real: GNOME's, on a bus of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.tools import need

CANARY = "c4n4ry-t0k3n"

UNDER_TEST = """
import asyncio, sys
from pydantic import SecretStr
from statustui.remembered import OsKeyring

async def main():
    one, other = OsKeyring("https://one"), OsKeyring("https://other")
    assert await one.why_not() == "", await one.why_not()
    assert await one.get() is None
    assert await one.put(SecretStr(sys.stdin.readline().strip()))
    assert await other.get() is None
    print((await OsKeyring("https://one").get()).get_secret_value()[::-1])
    await one.drop()
    assert await one.get() is None
    await one.drop()

asyncio.run(main())
"""


def test_a_token_is_kept_and_dropped_and_in_no_file(tmp_path: Path) -> None:
    daemon = need("gnome-keyring-daemon", why="a keyring of the operating system")
    bus = need("dbus-run-session", why="the bus that the keyring is on")
    home = tmp_path / "home"
    (home / "run").mkdir(parents=True, mode=0o700)
    script = f'echo -n unlock | {daemon} --unlock --components=secrets >/dev/null && exec "$@"'
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    ended = subprocess.run(
        [bus, "--", "sh", "-c", script, "sh", sys.executable, "-c", UNDER_TEST],
        input=f"{CANARY}\n",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, CANARY[::-1]), ended.stderr
    written = [path for path in home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert written == []
