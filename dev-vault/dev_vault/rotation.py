"""Rotation of the embedded server's audit log: put aside at a size, compressed one rotation later, all of it kept."""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROTATE_AT = 50_000_000
"""Bytes; compressed, a file of that size takes a few MB."""

LOOK_EVERY = 60.0
"""Seconds."""

REOPENED_WITHIN = 10.0
"""Seconds that the server is given to begin a new file."""


class Rotation:
    """Looks after one log while the server runs. `reopen` has the server open the log's name anew (SIGHUP)."""

    def __init__(self, log: Path, reopen: Callable[[], None]) -> None:
        self._log = log
        self._reopen = reopen
        self._end = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Waits for a compression under way: the folder may be another's then."""
        self._end.set()
        if self._task is not None:
            await self._task
            self._task = None

    async def _run(self) -> None:
        while not self._end.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), LOOK_EVERY)
                return
            with suppress(OSError):  # a full disk, most often: tried again, and nothing is lost meanwhile
                if put_aside(self._log):
                    self._reopen()
                    await self._reopened()
                    await asyncio.to_thread(compress_earlier, self._log)

    async def _reopened(self) -> None:
        for _ in range(round(REOPENED_WITHIN / 0.05)):
            if self._log.exists():
                break
            await asyncio.sleep(0.05)


def put_aside(log: Path) -> bool:
    """Give a log that is large another name, beside it. Whether that was done. Raises OSError."""
    if not log.exists() or log.stat().st_size < ROTATE_AT:
        return False
    aside = log.with_name(f"{log.name}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
    if aside.exists():
        return False
    log.rename(aside)
    return True


def compress_earlier(log: Path) -> None:
    """Compress what was put aside, but for the newest: the server may still write to that. Raises OSError."""
    aside = sorted(path for path in log.parent.glob(f"{log.name}-*") if path.suffix != ".gz")
    for path in aside[:-1]:
        _compress(path)


def _compress(path: Path) -> None:
    """In one step: the reader of the log never sees a part. The time stays, as the files' order is told by it."""
    whole = path.with_name(f"{path.name}.gz")
    part = path.with_name(f".{whole.name}")  # no name of a log's file
    if not whole.exists():
        about = path.stat()
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with path.open("rb") as source, os.fdopen(descriptor, "wb") as out:
            with gzip.open(out, "wb", compresslevel=6) as packed:
                shutil.copyfileobj(source, packed, 1_000_000)
            out.flush()
            os.fsync(out.fileno())
        os.utime(part, ns=(about.st_atime_ns, about.st_mtime_ns))
        part.replace(whole)
    path.unlink()
