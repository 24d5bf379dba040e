"""`status-secrets render`: a template with its references replaced."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from adapter.cli.output import show_result
from adapter.cli.source import open_source
from adapter.errors import Invalid, SetupFailed, StatusError
from adapter.model.failing import combined
from adapter.model.references import Reference
from adapter.model.served import Found
from adapter.model.templates import embedded_in, filled, filled_embedded, parsed, spots


@click.command()
@click.argument("template", type=click.Path(allow_dash=True, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write there (mode 0600), not to standard output."
)
@click.option("--json", "as_json", is_flag=True, help="The template is JSON, whatever its name.")
@click.option("--reason", help="Why, for the vault's log.")
def command(template: Path, output: Path | None, as_json: bool, reason: str | None) -> None:
    """Print TEMPLATE with each ${secret://…} replaced by its value; all of them or nothing. "-" is standard input.

    In a JSON template (*.json) a string that is a reference is replaced as well, and values are escaped as JSON asks.
    """
    text = _read(template)
    if as_json or template.suffix == ".json":
        rendered = _render_json(text, reason)
    else:
        rendered = filled_embedded(text, _values(embedded_in(text), reason).__getitem__)
    if output is None:
        show_result(rendered, end=False)
    else:
        _write(output, rendered)


def _render_json(text: str, reason: str | None) -> str:
    holder = [_json(text)]
    found = list(spots(holder))
    values = _values([ref for spot in found for ref in spot.references()], reason)
    for spot in found:
        spot.holder[spot.key] = filled(spot.text, values.__getitem__)
    return json.dumps(holder[0], ensure_ascii=False, indent=2) + "\n"


def _values(refs: list[str], reason: str | None) -> dict[str, str]:
    """Each reference's value. Raises StatusError when one has none."""
    if not refs:
        return {}
    references = {ref: parsed(ref) for ref in refs}
    with open_source("render", reason) as source:
        outcomes = source.resolve(one for one in references.values() if isinstance(one, Reference))
    values: dict[str, str] = {}
    failed: list[tuple[str, StatusError]] = []
    for ref, one in references.items():
        outcome = outcomes[one] if isinstance(one, Reference) else one
        if isinstance(outcome, Found):
            values[ref] = outcome.value
        else:
            failed.append((ref, outcome))
    if failed:
        raise combined(failed, "nothing was written")
    return values


def _read(template: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(template) == "-" else template.read_bytes()
        return raw.decode()
    except OSError:
        raise Invalid("The template cannot be read.", hint="Check its path.") from None
    except UnicodeDecodeError:
        raise Invalid("The template is no UTF-8 text.", hint="Write it as UTF-8.") from None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("The template is no JSON.", hint="Mend it, or give it another name than *.json.") from None


def _write(output: Path, text: str) -> None:
    """In one step, for this user alone; what was there stays as it is when that fails."""
    if output.exists() and not output.is_file():
        raise Invalid("The output is no ordinary file.", hint="Leave --output out: it goes to standard output then.")
    new = output.with_name(f".{output.name}.{os.getpid()}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(new, flags, 0o600), "wb") as stream:
            stream.write(text.encode("utf-8", "surrogatepass"))
        new.replace(output)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise SetupFailed("The file cannot be written.", hint="Check the folder, and who may write there.") from None
