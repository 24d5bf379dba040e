"""Values in files instead of the environment: in memory-backed storage, for this user alone, gone at the end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from adapter.errors import Invalid, SetupFailed

MARK = ".status-secrets-run"
"""The file that says whose folder this is: the process id."""

_IN_MEMORY = ("tmpfs", "ramfs")


class MemoryFiles:
    """A folder of one file a variable. Raises Invalid for a place on disk, or a folder that is somebody's."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder))
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
        with suppress(FileExistsError):
            self.folder.mkdir(mode=0o700)
        about = self.folder.lstat()
        if not self.folder.is_dir() or self.folder.is_symlink() or about.st_uid != os.geteuid():
            raise Invalid("The folder for --files is not yours.", hint="Name a folder that is not there yet.")
        self._clear_leftover()
        self.folder.chmod(0o700)
        _write(self.folder / MARK, str(os.getpid()))

    def _clear_leftover(self) -> None:
        """A run that was killed left its files; whatever else is there is not ours to remove."""
        names = [entry.name for entry in self.folder.iterdir()]
        if not names:
            return
        mark = self.folder / MARK
        text = mark.read_text() if MARK in names else ""
        if not text.isdigit() or _is_alive(int(text)):
            raise Invalid(
                "The folder for --files is in use, or holds something else.",
                hint="Name a folder that is empty, or not there yet.",
            )
        for name in names:
            (self.folder / name).unlink()

    def store(self, values: Mapping[str, str]) -> dict[str, str]:
        """Write each value, in one step each; answers the variables `NAME_FILE` that lead there."""
        for name, value in values.items():
            new = self.folder / f".{name}.new"
            _write(new, value)
            new.replace(self.folder / name)
        for entry in self.folder.iterdir():
            if entry.name not in values and entry.name != MARK:
                entry.unlink()
        return {f"{name}_FILE": str(self.folder / name) for name in values}

    def remove(self) -> None:
        with suppress(OSError):
            for entry in self.folder.iterdir():
                entry.unlink()
            self.folder.rmdir()


def _write(file: Path, text: str) -> None:
    with suppress(FileNotFoundError):
        file.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(file, flags, 0o600), "w", encoding="utf-8", newline="") as stream:
        stream.write(text)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()


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
