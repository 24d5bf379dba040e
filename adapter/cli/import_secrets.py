"""`status-secrets import`: secrets from a `.env` file, a JSON file, or a folder of PEM and SSH files."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Literal

import click
from pydantic import SecretStr

from adapter.cli.signed_in import signed_in
from adapter.errors import Invalid, TooLarge
from adapter.model.transfer import ImportBody, ImportEntry, ImportResult
from adapter.settings import Settings, load_settings

Format = Literal["env", "json", "files"]

LARGEST = 3_500_000
"""Bytes of all files together: the API takes bodies of up to 4 MiB."""

REFUSED = 2

_PEM = frozenset({".pem", ".crt", ".cer", ".cert", ".key", ".pub", ".csr", ".req"})


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


def format_of(source: Path) -> Format:
    """What a file's name says of its format; a `.env` file when it says nothing."""
    if source.is_dir() or source.suffix.lower() in _PEM:
        return "files"
    return "json" if source.suffix.lower() == ".json" else "env"


def read_source(source: Path, form: Format) -> SecretStr | dict[str, str]:
    """The text of a file or of the standard input; for `files` all texts of a folder by their names within it.

    Raises Invalid for a file that is no text, or that may not be read; TooLarge.
    """
    if form != "files":
        return SecretStr(_text(source))
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    if sum(path.stat().st_size for path in files) > LARGEST:
        raise _too_large()
    texts = {}
    for path in files:  # what is no text is refused by itself, as what is no PEM
        texts[path.name if source.is_file() else path.relative_to(source).as_posix()] = _text(path, errors="replace")
    return texts


def _text(path: Path, errors: str = "strict") -> str:
    try:
        raw = sys.stdin.buffer.read(LARGEST + 1) if str(path) == "-" else path.read_bytes()
        if len(raw) > LARGEST:
            raise _too_large()
        return raw.decode("utf-8-sig", errors)
    except OSError:
        raise Invalid(f"{path} cannot be read.", hint="Check that it is a file, and who may read it.") from None
    except UnicodeDecodeError:
        pass  # the error holds the bytes
    raise Invalid(f"{path} is no UTF-8 text.", hint="Convert DER with: openssl x509 -inform der, or leave it out.")


def _too_large() -> TooLarge:
    return TooLarge(f"That is more than {LARGEST / 1e6:.1f} MB.", hint="Import it in parts.")


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
