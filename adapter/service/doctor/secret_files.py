"""The files that hold the adapter's own secrets: whether everybody on the machine can read them."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.settings import Settings, secret_files


async def look(act: Act, settings: Settings) -> list[Finding]:
    """A finding a file that everybody can read; one that is not there is told by whatever needs it."""
    named = secret_files(settings)
    open_ones = await asyncio.to_thread(lambda: [name for name, file in named.items() if open_to_all(file)])
    mend = "Let its owner alone read it: chmod 600. In Kubernetes, give its volume a defaultMode of 0400."
    return [Finding(f"Everybody on this machine can read the file that {name} names.", mend) for name in open_ones]


def open_to_all(file: Path) -> bool:
    """Whether neither the file nor a folder above it keeps others out."""
    try:
        place = file.resolve(strict=True)
        above = all(folder.stat().st_mode & stat.S_IXOTH for folder in place.parents)
        return above and bool(place.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


check = Check("secret-files", "The files that hold secrets of this adapter, and who can read them", look)
