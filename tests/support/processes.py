"""What runs on this machine on behalf of a data folder."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path


def running_for(folder: Path) -> list[int]:
    """The ids of processes that name the folder in their command line, or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        place = None
        try:
            line = (process / "cmdline").read_bytes().decode(errors="replace")
            with suppress(PermissionError):  # ours let nobody but root look
                place = (process / "cwd").readlink()
        except OSError:
            continue
        if line and (str(folder) in line or place == folder):
            found.append(int(process.name))
    return found


def none_left(folder: Path, seconds: float = 10.0) -> bool:
    """Whether all of them are gone in time."""
    deadline = time.monotonic() + seconds
    while running_for(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
