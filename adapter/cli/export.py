"""`status-secrets export`: the list of secrets as a file, metadata only."""

from __future__ import annotations

import asyncio

import click

from adapter.cli.output import show_result
from adapter.cli.signed_in import signed_in
from adapter.settings import Settings, load_settings


@click.command()
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option("--scope", metavar="SCOPE", help="This scope alone; else all that you may view.")
def command(form: str, scope: str | None) -> None:
    """Print what you may view as JSON or CSV: metadata only, never a value.

    It needs a token as `bao login` leaves one, or BAO_TOKEN or VAULT_TOKEN.
    """
    asyncio.run(_export(load_settings(), form, scope))


async def _export(settings: Settings, form: str, scope: str | None) -> None:
    async with signed_in(settings, "export") as client:
        content = await client.export(format=form, scope=scope)
    show_result(content.decode().rstrip("\r\n"))
