"""The data folder: where each file of the embedded server is, and who may read it (its owner alone)."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from adapter.errors import SetupFailed

CHOOSE_FOLDER = "Choose another folder with --data-dir or STATUS_DATA_DIR."
_OWN = frozenset(
    {
        "adapter-role-id",
        "adapter-secret-id",
        "adapter.log",
        "adapter.log.1",
        "adapter.pid",
        "audit",
        "data",
        "lock",
        "recovery.key",
        "running.json",
        "seal.key",
        "server.hcl",
        "server.log",
        "server.log.1",
        "server.pid",
        "state.json",
        "tls",
    }
)


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The paths in the folder. Everything in it is made by us, with mode 0600 or 0700."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / "state.json"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def running(self) -> Path:
        return self.root / "running.json"

    @property
    def config(self) -> Path:
        return self.root / "server.hcl"

    @property
    def seal_key(self) -> Path:
        return self.root / "seal.key"

    @property
    def recovery_key(self) -> Path:
        return self.root / "recovery.key"

    @property
    def tls(self) -> Path:
        return self.root / "tls"

    @property
    def ca_cert(self) -> Path:
        return self.tls / "ca.pem"

    @property
    def server_cert(self) -> Path:
        return self.tls / "server.pem"

    @property
    def server_key(self) -> Path:
        return self.tls / "server.key"

    @property
    def storage(self) -> Path:
        return self.root / "data"

    @property
    def audit_log(self) -> Path:
        return self.root / "audit" / "audit.log"

    @property
    def audit_index(self) -> Path:
        return self.root / "audit" / "index.db"

    @property
    def audit_seals(self) -> Path:
        return self.root / "audit" / "seals"

    @property
    def server_log(self) -> Path:
        return self.root / "server.log"

    @property
    def server_pid(self) -> Path:
        return self.root / "server.pid"

    @property
    def adapter_log(self) -> Path:
        return self.root / "adapter.log"

    @property
    def adapter_pid(self) -> Path:
        return self.root / "adapter.pid"

    @property
    def role_id(self) -> Path:
        return self.root / "adapter-role-id"

    @property
    def secret_id(self) -> Path:
        return self.root / "adapter-secret-id"

    @classmethod
    def named(cls, path: Path) -> DataFolder:
        """The folder at `path`, whether or not it is there. Raises SetupFailed for a home that does not exist."""
        try:
            return cls(path.expanduser().absolute())
        except RuntimeError:
            raise SetupFailed("The data folder's path names a home that does not exist.", hint=CHOOSE_FOLDER) from None

    def make(self) -> None:
        """Make the folder when it is missing. Raises SetupFailed when it cannot be one."""
        with explained(self.root):
            if self.root.exists() and not self.root.is_dir():
                raise SetupFailed(f"The data folder {self.root} is a file.", hint=CHOOSE_FOLDER)
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def foreign_names(self) -> list[str]:
        """What is in the folder and not ours."""
        return [name for name in self.names() if name not in _OWN]

    def names(self) -> list[str]:
        """What is in the folder, but for files that a write was interrupted on."""
        with explained(self.root):
            return sorted(name for name in os.listdir(self.root) if not self._is_leftover(name))

    def _is_leftover(self, name: str) -> bool:
        """Whether it is the state file's temporary one; any other file is somebody's."""
        return name == f".{self.state.name}.tmp"

    def make_folders(self) -> None:
        """Make what is missing, and close to others what a restored backup may have left open."""
        with explained(self.root):
            for folder in (self.tls, self.storage, self.audit_log.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            for path in (self.root, *self.root.rglob("*")):
                mode = path.lstat().st_mode
                if mode & 0o077 and not path.is_symlink():
                    path.chmod(stat.S_IMODE(mode) & 0o700)

    def wipe(self) -> None:
        """Remove all that an unfinished first start left, except the lock and the state that says so."""
        with explained(self.root):
            for entry in list(self.root.iterdir()):
                if entry.name in (self.lock.name, self.state.name):
                    continue
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step; only the owner can ever read it. Raises OSError."""
    temporary = path.with_name(f".{path.name}.tmp")
    with suppress(FileNotFoundError):
        temporary.unlink()
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def open_log(path: Path, *, keep: int = 5_000_000) -> int:
    """A descriptor that appends to a log of the owner's; one longer than `keep` bytes is put aside first."""
    with suppress(FileNotFoundError):
        if path.stat().st_size > keep:
            path.replace(path.with_name(f"{path.name}.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turns an OSError on the data folder into a SetupFailed that says what to do."""
    try:
        yield
    except OSError as error:
        raise _explain(folder, error) from None


def disk_full(folder: Path) -> SetupFailed:
    return SetupFailed(f"The disk of the data folder {folder} is full.", hint="Free some space, then start again.")


def _explain(folder: Path, error: OSError) -> SetupFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SetupFailed(f"The data folder {folder} cannot be written to.", hint=CHOOSE_FOLDER)
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return SetupFailed(f"The data folder {folder} lies below a file.", hint=CHOOSE_FOLDER)
    return SetupFailed(f"The data folder {folder} cannot be used: {os.strerror(error.errno or 0)}.", hint=CHOOSE_FOLDER)
