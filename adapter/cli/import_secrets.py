"""`status-secrets import`: secrets from a `.env` file, a JSON file, or a folder of PEM and SSH files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from adapter.cli.signed_in import signed_in
from adapter.client.import_source import Format, format_of, read_source
from adapter.model.transfer import ImportBody, ImportEntry, ImportResult
from adapter.settings import Settings, load_settings

REFUSED = 2


@click.command()
@click.argument("source", metavar="FILE|DIR|-", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--scope", required=True, metavar="SCOPE", help="Where the secrets shall be: environment/production.")
@click.option("--format", "named", type=click.Choice(["env", "json", "files"]), help="Else the file's name says it.")
@click.option("--dry-run", is_flag=True, help="Only show what would become of each entry.")
@click.option("--reason", help="Why; it stands in each version's record and in the vault's log.")
def command(source: Path, scope: str, named: Format | None, dry_run: bool, reason: str | None) -> int:
    """Create or update secrets from a file, a folder of PEM and SSH files, or (-) the standard input.

    One entry that is refused does not spoil the others; the exit code is 2 then. It needs a token as `bao login`
    leaves one, or BAO_TOKEN or VAULT_TOKEN.
    """
    settings = load_settings()
    form = named or format_of(source)
    body = ImportBody(format=form, scope=scope, content=read_source(source, form), dry_run=dry_run, reason=reason)
    return asyncio.run(_import(settings, body))


async def _import(settings: Settings, body: ImportBody) -> int:
    async with signed_in(settings, "import") as client:
        result = await client.import_secrets(body)
    for line in lines_of(result):
        click.echo(line)
    click.echo(result.message)
    return REFUSED if result.refused else 0


def lines_of(result: ImportResult) -> list[str]:
    """`+` is created, `~` changed, `!` refused; the reason and where the entry stood."""
    parts = (("+", result.created), ("~", result.changed), ("!", result.refused))
    return [_line(sign, entry) for sign, entries in parts for entry in entries]


def _line(sign: str, entry: ImportEntry) -> str:
    place = f"  ({entry.source})" if entry.source not in ("", entry.name) else ""
    kind = f"{entry.type}  " if entry.type else ""
    return f"{sign} {entry.name}  {kind}{entry.reason}{place}"
