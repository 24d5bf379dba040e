"""Values in files instead of the environment: in memory-backed storage, for this user alone, gone at the end."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from adapter.errors import Invalid, SetupFailed

MARK = ".status-secrets-run"
"""The file that says that this is such a folder; locked while it is in use, whatever happens to the process."""

_IN_MEMORY = ("tmpfs", "ramfs")


class MemoryFiles:
    """A folder of one file a variable. Raises Invalid for a place on disk, or a folder that is somebody's."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder))
        self._stored: set[str] = set()
        if not _is_in_memory(self.folder):
            raise Invalid(
                "The folder for --files is not in memory-backed storage (tmpfs).",
                hint="Name one below /dev/shm, or below $XDG_RUNTIME_DIR.",
            )
        try:
            self._prepare()
        except OSError:
            raise SetupFailed("The folder for --files cannot be made.", hint="Check who may write there.") from None

    def _prepare(self) -> None:
        if os.path.ismount(self.folder):
            raise Invalid("The folder for --files is a whole file system.", hint="Name a folder below it.")
        with suppress(FileExistsError):
            self.folder.mkdir(mode=0o700)
        about = self.folder.lstat()
        if not self.folder.is_dir() or self.folder.is_symlink() or about.st_uid != os.geteuid():
            raise Invalid("The folder for --files is not yours.", hint="Name a folder that is not there yet.")
        names = [entry.name for entry in self.folder.iterdir()]
        if (names and MARK not in names) or not self._lock():
            raise Invalid(
                "The folder for --files is in use, or holds something else.",
                hint="Name a folder that is empty, or not there yet.",
            )
        self._clear_leftover()
        self.folder.chmod(0o700)

    def _lock(self) -> bool:
        """flock(2): a process id would say little in a container, where each has its own."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._mark = os.open(self.folder / MARK, flags, 0o600)
        try:
            fcntl.flock(self._mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _clear_leftover(self) -> None:
        """What a run that was killed left."""
        for entry in self.folder.iterdir():
            if entry.name == MARK:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def store(self, values: Mapping[str, str]) -> dict[str, str]:
        """Write each value, in one step each; answers the variables `NAME_FILE` that lead there.

        Raises SetupFailed when there is no room for all of them: then no file has changed.
        """
        try:
            for name, value in values.items():
                _write(self._new(name), value)
            for name in values:
                self._new(name).replace(self.folder / name)
        except (OSError, UnicodeEncodeError):
            for name in values:
                with suppress(OSError):
                    self._new(name).unlink()
            raise SetupFailed(
                "The files for --files cannot be written.", hint="Check that the folder is there, and has room."
            ) from None
        for name in self._stored - values.keys():
            with suppress(OSError):
                (self.folder / name).unlink()
        self._stored = set(values)
        return {f"{name}_FILE": str(self.folder / name) for name in values}

    def _new(self, name: str) -> Path:
        return self.folder / f".{name}.new"

    def remove(self) -> None:
        """All that is there: the folder was empty, so the rest is what the command left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._mark)


def _write(file: Path, text: str) -> None:
    with suppress(FileNotFoundError):
        file.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(file, flags, 0o600), "w", encoding="utf-8", newline="") as stream:
        stream.write(text)


def _is_in_memory(folder: Path) -> bool:
    """Whether the file system of the nearest folder that exists keeps its files in memory (proc(5), mountinfo)."""
    place = folder
    while not place.exists():
        place = place.parent
    real = os.path.realpath(place)
    best, kind = "", ""
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        fields, _, after = line.partition(" - ")
        point = fields.split(" ")[4].encode("utf-8", "surrogateescape").decode("unicode_escape", "replace")
        if len(point) >= len(best) and (real == point or real.startswith(point.rstrip("/") + "/")):
            best, kind = point, after.split(" ")[0]
    return kind in _IN_MEMORY
