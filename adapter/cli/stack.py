"""The vault and the adapter as one: started in order, watched together, stopped together."""

from __future__ import annotations

import asyncio
import ssl
import sys
import time
from collections.abc import Callable
from functools import partial

from adapter.cli.ready import Ready
from adapter.cli.serve import CHANGE_PORT, check_plain
from adapter.client import AsyncClient
from adapter.errors import Invalid, SetupFailed, StatusError
from adapter.settings import Settings
from dev_vault import bootstrap, samples
from dev_vault.adapter_settings import adapter_settings, as_environment
from dev_vault.address import Listen
from dev_vault.bootstrap import Accounts
from dev_vault.embedded import EmbeddedVault, RunningVault
from dev_vault.layout import DataFolder, explained
from dev_vault.pidfile import PidFile
from dev_vault.process import Child

READY_WITHIN = 30.0
STOP_WITHIN = 5.0
"""Seconds."""


class Ended(SetupFailed):
    """One of the two is gone while both should run."""

    title = "Stopped"


class Stack:
    """An embedded vault in this process's care, and an adapter process in front of it."""

    def __init__(self, settings: Settings, *, tls: bool, demo: bool, report: Callable[[str], None]) -> None:
        self._settings = settings
        self._folder = DataFolder.named(settings.data_dir)
        self._place = Listen.parse(settings.listen, "listen")
        if not tls:
            check_plain(self._place)
        if self._place == Listen.parse(settings.vault_listen, "vault_listen"):
            raise Invalid.field("listen", "The vault and the adapter cannot listen on the same address.")
        self._tls = tls
        self._demo = demo
        self._report = report
        extra = samples.SCOPES if demo else ()
        self._vault: EmbeddedVault[Accounts] = EmbeddedVault(
            settings.data_dir,
            settings.vault_listen,
            prepare=partial(bootstrap.prepare, extra_scopes=extra, report=report),
            report=report,
            certificate_hosts=self._place.names,
        )
        self._adapter: Child | None = None

    async def start(self) -> Ready:
        """Raises StatusError; call `stop` then, too."""
        left_over = PidFile(self._folder.adapter_pid)
        if left_over.running() is None:
            self._place.check_free(CHANGE_PORT)
        vault = await self._vault.start()
        if self._vault.attached:
            raise SetupFailed(
                f"Another STATUS Secrets runs the data folder {vault.data_dir} already, at {vault.url}.",
                hint="Use that one, stop it, or choose another folder with --data-dir or STATUS_DATA_DIR.",
            )
        await left_over.end_leftover()
        self._place.check_free(CHANGE_PORT)
        self._report("Starting the adapter")
        self._adapter = await self._start_adapter(vault)
        url = f"{'https' if self._tls else 'http'}://{self._place.reached_at}"
        await self._until_healthy(self._adapter, url, vault)
        accounts = self._vault.first_run
        if self._demo:
            await self._add_samples(url, vault, accounts)
        return Ready(url, self._settings.api_prefix, vault, accounts)

    def confirm(self) -> None:
        """The accounts have been shown. Raises SetupFailed."""
        self._vault.confirm()

    async def wait(self) -> None:
        """Returns never: raises Ended when either of the two ends by itself."""
        assert self._adapter is not None
        ends = {
            asyncio.create_task(self._vault.wait()): "vault",
            asyncio.create_task(self._adapter.wait()): "adapter",
        }
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
        first = done.pop()
        name = ends[first]
        log = self._adapter.log if name == "adapter" else self._folder.server_log
        raise Ended(
            f"The {name} ended unexpectedly ({_how(first.result())}).", hint=f"Look at {log}, then start again."
        )

    async def stop(self) -> None:
        """Stop what was started, the adapter first."""
        child, self._adapter = self._adapter, None
        try:
            if child is not None:
                await child.stop()
        finally:
            await self._vault.stop()

    async def _start_adapter(self, vault: RunningVault) -> Child:
        # -P: nothing that lies in the working directory is imported.
        argv = [sys.executable, "-P", "-m", "adapter.cli", "serve", *([] if self._tls else ["--no-tls"])]
        environment = as_environment(adapter_settings(self._settings, vault))
        folder = self._folder
        pid_file = PidFile(folder.adapter_pid)
        child = Child(argv, folder.root, environment, folder.adapter_log, pid_file, grace=STOP_WITHIN)
        self._adapter = child
        with explained(folder.root):
            await child.start()
        return child

    def _client(self, url: str, vault: RunningVault) -> AsyncClient:
        trust = ssl.create_default_context(cafile=str(vault.cacert))
        return AsyncClient(url + self._settings.api_prefix, verify=trust)

    async def _until_healthy(self, child: Child, url: str, vault: RunningVault) -> None:
        begun = time.monotonic()
        async with self._client(url, vault) as client:
            while True:
                try:
                    if (await client.health()).status == "ok":
                        return
                except StatusError:
                    pass  # not there yet
                if child.exit_code is not None:
                    said = child.last_error()
                    raise SetupFailed(
                        f"The adapter ended during its start{': ' + said if said else ''}.",
                        hint=f"Look at {child.log}.",
                    )
                if time.monotonic() - begun > READY_WITHIN:
                    raise SetupFailed(
                        f"The adapter was not ready after {READY_WITHIN:.0f} seconds.", hint=f"Look at {child.log}."
                    )
                await asyncio.sleep(0.05)

    async def _add_samples(self, url: str, vault: RunningVault, accounts: Accounts | None) -> None:
        if accounts is None:
            self._report("No samples added: that is done on a folder's first start only")
            return
        self._report("Adding sample secrets")
        async with self._client(url, vault) as developer, self._client(url, vault) as admin:
            await developer.login("developer", accounts["developer"])
            await admin.login("admin", accounts["admin"])
            await samples.add_samples(developer, admin)
            await developer.logout()
            await admin.logout()


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
