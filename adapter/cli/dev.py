"""`status-secrets dev`: the embedded vault with the adapter in front of it, for scripts and other components."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapter.cli.output import say, show_result
from adapter.settings import load_settings

if TYPE_CHECKING:
    from adapter.cli.stack import Stack


@click.command()
@click.option("--data-dir", type=click.Path(path_type=Path), help="The vault's folder (STATUS_DATA_DIR).")
@click.option("--listen", metavar="HOST:PORT", help="Where the adapter listens (STATUS_LISTEN).")
@click.option("--vault-listen", metavar="HOST:PORT", help="Where the vault listens (STATUS_VAULT_LISTEN).")
@click.option("--no-tls", is_flag=True, help="Plain HTTP for the adapter, on loopback only.")
@click.option("--demo", is_flag=True, help="Add sample secrets, when this is the folder's first start.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready.")
def command(
    data_dir: Path | None, listen: str | None, vault_listen: str | None, no_tls: bool, demo: bool, as_json: bool
) -> None:
    """Run a vault of your own and the adapter, in the foreground, until SIGINT or SIGTERM.

    The first start makes the accounts viewer, developer and admin, and shows their passwords once.
    """
    from adapter.cli.stack import Stack

    settings = load_settings(data_dir=data_dir, listen=listen, vault_listen=vault_listen)
    asyncio.run(_until_told(Stack(settings, tls=not no_tls, demo=demo, report=say), as_json))


async def _until_told(stack: Stack, as_json: bool) -> None:
    """Run until a signal comes or something fails; all is stopped when this returns. Raises StatusError."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told.set)
    running = asyncio.create_task(_run(stack, as_json))
    waiting = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        else:
            say("Stopping")
    finally:
        waiting.cancel()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _run(stack: Stack, as_json: bool) -> None:
    try:
        ready = await stack.start()
        # Shown before they are confirmed: should we end in between, the next start makes new ones.
        show_result(ready.as_json() if as_json else ready.as_text())
        stack.confirm()
        await stack.wait()
    finally:
        await stack.stop()
