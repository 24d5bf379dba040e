"""`statustui`: the one place where the terminal UI meets the adapter and the embedded vault."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import httpx

import adapter
from adapter.client import AsyncClient, trust
from adapter.client.in_process import InProcess
from adapter.errors import StatusError
from adapter.memory import harden
from adapter.settings import Settings, load_settings, token_at_hand
from statustui.app import StatusApp
from statustui.backend import Started
from statustui.own_vault import OwnVaultTransport
from statustui.remembered import OsKeyring
from statustui.terminal import Terminal

if TYPE_CHECKING:
    from dev_vault.embedded import EmbeddedVault

EMBEDDED = "embedded vault"
PASSWORDS_LOST = "All passwords lost? dev-vault/README.md, at its end, says what helps."
CLIENT_NAME = f"tui/{adapter.__version__}"


class LocalBackend:
    """The adapter that the settings name, else one in this process, with its own vault where none is named.

    All of it lives in one task, which enters and leaves every part.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._task: asyncio.Task[None] | None = None
        self._leave = asyncio.Event()
        self._ready = False
        self._vault: EmbeddedVault[Any] | None = None

    @property
    def runs_vault(self) -> bool:
        """Whether a vault was started here that takes a moment to stop."""
        return self._vault is not None and not self._vault.attached

    async def start(self, report: Callable[[str], None]) -> Started:
        await self.stop()
        self._leave, self._ready = asyncio.Event(), False
        ready: asyncio.Future[Started] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(report, ready))
        self._task.add_done_callback(lambda task: _pass_on(task, ready))
        return await asyncio.shield(ready)

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        self._leave.set()
        if not self._ready:
            task.cancel()
        with suppress(asyncio.CancelledError, StatusError):
            await task

    def confirm_shown(self) -> None:
        if self._vault is not None:
            self._vault.confirm()

    async def _live(self, report: Callable[[str], None], ready: asyncio.Future[Started]) -> None:
        async with AsyncExitStack() as stack:
            ready.set_result(await self._bring_up(stack, report))
            self._ready = True
            await self._leave.wait()
        self._vault = None

    async def _bring_up(self, stack: AsyncExitStack, report: Callable[[str], None]) -> Started:
        settings, token = self._settings, token_at_hand(self._settings)
        if settings.adapter_url:
            verify = trust(settings.adapter_cacert)
            client = AsyncClient(
                settings.adapter_url + settings.api_prefix, verify=verify, name=CLIENT_NAME, attempts=1
            )
            place, keyring = _host(settings.adapter_url), OsKeyring(settings.adapter_url)
            return Started(await stack.enter_async_context(client), place, None, token, keyring)
        accounts, place, lost = None, _host(settings.vault_addr or ""), ""
        if not settings.vault_addr:
            settings, accounts = await self._own_vault(stack, report)
            place, lost = EMBEDDED, PASSWORDS_LOST
        client = await _adapter_here(stack, settings, self._vault)
        return Started(client, place, accounts, token, OsKeyring(self._keyring_account), lost)

    @property
    def _keyring_account(self) -> str:
        """Which vault it is, so that no token is ever sent to another."""
        settings = self._settings
        if not settings.vault_addr:
            return f"{EMBEDDED} in {settings.data_dir.absolute()}"
        return " ".join(filter(None, (settings.vault_addr, settings.vault_namespace)))

    async def _own_vault(self, stack: AsyncExitStack, report: Callable[[str], None]) -> tuple[Settings, Any]:
        from dev_vault import bootstrap
        from dev_vault.adapter_settings import adapter_settings
        from dev_vault.embedded import EmbeddedVault

        prepare = partial(bootstrap.prepare, report=report)
        vault = EmbeddedVault(self._settings.data_dir, self._settings.vault_listen, prepare=prepare, report=report)
        self._vault = vault
        stack.push_async_callback(vault.stop)
        running = await vault.start()
        return adapter_settings(self._settings, running), vault.first_run


async def _adapter_here(stack: AsyncExitStack, settings: Settings, vault: EmbeddedVault[Any] | None) -> AsyncClient:
    """A client straight into an adapter of this process, in front of the embedded `vault` or of another one."""
    from adapter.api.app import create_app

    app = create_app(settings)
    await stack.enter_async_context(app.router.lifespan_context(app))
    transport: httpx.AsyncBaseTransport = InProcess(app)
    if vault is not None:
        transport = OwnVaultTransport(transport, lambda: vault.attached)
    client = AsyncClient(
        f"http://adapter{settings.api_prefix}",
        transport=transport,
        timeout=settings.timeout,
        name=CLIENT_NAME,
        attempts=1,
    )
    return await stack.enter_async_context(client)


def _pass_on(task: asyncio.Task[None], ready: asyncio.Future[Started]) -> None:
    """What ended the task before it was ready, for the one who waits for that."""
    if ready.done():
        return
    error = None if task.cancelled() else task.exception()
    if error is None:
        ready.cancel()
    else:
        ready.set_exception(error)


def _host(url: str) -> str:
    return urlsplit(url).netloc


async def _run(settings: Settings) -> int:
    backend = LocalBackend(settings)
    app = StatusApp(backend)
    app.driver_class = Terminal
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        loop.add_signal_handler(number, partial(app.exit, return_code=128 + number))
    try:
        await app.run_async()
    finally:
        for number in (signal.SIGTSTP, signal.SIGCONT):
            signal.signal(number, signal.SIG_DFL)
        if backend.runs_vault:
            with suppress(OSError):
                click.echo("Stopping the vault…", err=True)
        await backend.stop()
    return app.return_code or 0


@click.command(name="statustui", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of the embedded vault.")
@click.option("--vault-listen", metavar="HOST:PORT", help="Where the embedded vault listens.")
@click.version_option(adapter.__version__, prog_name="statustui")
def main(data_dir: Path | None, vault_listen: str | None) -> None:
    """The terminal UI of STATUS Secrets.

    It uses the adapter that STATUS_ADAPTER_URL names, else the vault that VAULT_ADDR or BAO_ADDR names, else it starts
    a vault of its own and stops it in the end.
    """
    harden()
    try:
        settings = load_settings(data_dir=data_dir, vault_listen=vault_listen)
    except StatusError as error:
        click.echo(f"{error.title}: {error.detail}\n{error.hint}".rstrip(), err=True)
        raise SystemExit(error.exit_code) from None
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        click.echo("statustui needs a terminal. Without one, use status-secrets.", err=True)
        raise SystemExit(2)
    raise SystemExit(asyncio.run(_run(settings)))


if __name__ == "__main__":
    main()
