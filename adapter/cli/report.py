"""`status-secrets report`: what has to be shown to somebody, as a table, JSON or a page to keep."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Literal, TypeVar

import click

from adapter.cli.audit import read_page
from adapter.cli.options import ask
from adapter.cli.output import show_result
from adapter.cli.tables import show_json, show_rows
from adapter.client import AsyncClient
from adapter.errors import NotFound
from adapter.model.audit import EventFilter
from adapter.model.reports import Cell, Report, ReportColumn, ReportName

A = TypeVar("A")

NAME = "report"


@click.command()
@click.argument("name", type=click.Choice([one.value for one in ReportName]))
@click.option("--days", type=click.IntRange(0, 3650), help="How far unused, expiring … reach (90, 30, else 0).")
@click.option("--since", metavar="TIME", help="From when access-per-scope and activity are: 30d, 2026-11-01.")
@click.option("--until", metavar="TIME", help="Until when they are.")
@click.option("--format", type=click.Choice(["table", "json", "html", "md", "csv"]), default="table", show_default=True)
def command(
    name: str,
    days: int | None,
    since: str | None,
    until: str | None,
    format: Literal["table", "json", "html", "md", "csv"],
) -> None:
    """Unused, never rotated, expiring secrets, those due for rotation; who had access; activity by day. For ADMINs."""
    asked: Any = {"days": days, "start": since, "end": until}
    if format in ("html", "md", "csv"):
        page = format
        show_result(ask(NAME, lambda client: _read(client, client.report_page(name, page, **asked))), end=False)
        return
    found = ask(NAME, lambda client: _read(client, client.report(name, **asked)))
    if format == "json":
        show_json(found)
    else:
        _show(found)


async def _read(client: AsyncClient, call: Awaitable[A]) -> A:
    """The answer, once the log has been read, which an adapter within this process begins only now."""
    with suppress(NotFound):  # no log: most reports need none, and the others say so
        await read_page(client, EventFilter(limit=1))
    return await call


def _show(found: Report) -> None:
    header = [one.label.upper() for one in found.columns]
    show_rows(header, ([_cell(row.get(one.key), one) for one in found.columns] for row in found.rows))
    for words in (found.about, *found.notes):
        click.echo(words, err=True)
    if found.known_since:
        click.echo(f"Nothing is known of what was before {found.known_since[:19].replace('T', ' ')}.", err=True)


def _cell(cell: Cell, column: ReportColumn) -> str:
    if cell is None or cell == "":
        return "-"
    return str(cell)[:19].replace("T", " ") if column.kind == "time" else str(cell)
