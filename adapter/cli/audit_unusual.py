"""`status-secrets audit unusual`: what the rules marked."""

from __future__ import annotations

import click

from adapter.cli.audit import read_page
from adapter.cli.options import as_json, ask
from adapter.cli.tables import show_json, show_rows
from adapter.client import AsyncClient
from adapter.model.audit import EventFilter
from adapter.model.unusual import Finding, UnusualReport


@click.command()
@click.option("--since", metavar="TIME", help="1d (if not said otherwise), 12h, or 2026-11-23T09:12:00Z.")
@click.option("--limit", "-n", type=click.IntRange(1, 1000), default=200, show_default=True, help="The newest so many.")
@as_json
def command(since: str | None, limit: int, as_json: bool) -> None:
    """What is out of the ordinary, newest first. For ADMINs; hints, not proofs."""
    found = ask("audit", lambda client: _read(client, since, limit))
    if as_json:
        show_json(found)
        return
    show_rows(("LAST", "RULE", "TIMES", "WHO", "ON", "WHAT"), map(_row, found.findings))
    off = [rule.name for rule in found.rules if not rule.on]
    click.echo(f"{len(found.findings)} of {found.count}." + (f" Switched off: {', '.join(off)}." * bool(off)), err=True)


async def _read(client: AsyncClient, since: str | None, limit: int) -> UnusualReport:
    await read_page(client, EventFilter(limit=1))
    return await client.unusual(since=since, limit=limit)


def _row(one: Finding) -> tuple[str, ...]:
    return one.last[:19].replace("T", " "), one.rule, str(one.count), one.actor, one.secret or "-", one.words
