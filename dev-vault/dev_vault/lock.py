"""One process runs a data folder; another one learns from it where the server is."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import dataclass

from dev_vault.layout import DataFolder, explained, write_private


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs the folder: the process, and its server's address once that is ready."""

    pid: int
    url: str


class FolderLock:
    """Held until `release` or the end of the process, however it ends."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def acquire(self) -> bool:
        """False when another process has it. Raises SetupFailed when the folder cannot be written to."""
        with explained(self._folder.root):
            descriptor = os.open(self._folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def announce(self, url: str) -> None:
        """Tell other processes where the server is."""
        with explained(self._folder.root):
            write_private(self._folder.running, json.dumps({"pid": os.getpid(), "url": url}).encode() + b"\n")

    def withdraw(self) -> None:
        """The server is about to end, or has not begun."""
        with suppress(OSError):
            self._folder.running.unlink()

    def release(self) -> None:
        if self._descriptor is not None:
            self.withdraw()
            os.close(self._descriptor)
            self._descriptor = None


def holder_of(folder: DataFolder) -> Holder | None:
    """What the process that has the lock announced; None while its server is not ready."""
    try:
        content = json.loads(folder.running.read_bytes())
        return Holder(int(content["pid"]), str(content["url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
