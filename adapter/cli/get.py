"""`status-secrets get`: one secret's value, for scripts."""

from __future__ import annotations

import json
import sys

import click

from adapter.cli.output import note, show_result
from adapter.cli.references import parse_ref
from adapter.cli.source import open_source


@click.command()
@click.argument("ref")
@click.option("--field", help="Another field than the value.")
@click.option("--version", type=click.IntRange(1), help="Another version than the current one.")
@click.option("--json", "as_json", is_flag=True, help="Value, version and further fields, as JSON.")
@click.option("--reason", help="Why, for the vault's log.")
def command(ref: str, field: str | None, version: int | None, as_json: bool, reason: str | None) -> None:
    """Print the value of the secret REF, byte for byte; a line break follows on a terminal only."""
    reference = parse_ref(ref)
    field = field if field is not None else reference.field
    version = version if version is not None else reference.version
    with open_source("get", reason) as source:
        served = source.fields(reference.address, version)
    value = served.field(field)
    if served.expired:
        note("This secret has expired.")
    if not as_json:
        show_result(value, end=sys.stdout.isatty())
        return
    body: dict[str, object] = {"ref": str(reference), "value": value, "version": served.version}
    if field is None and (further := served.further_fields()):
        body["fields"] = further
    if served.expired:
        body["expired"] = True
    show_result(json.dumps(body, ensure_ascii=False))
