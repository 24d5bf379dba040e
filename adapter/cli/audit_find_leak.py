"""`status-secrets audit find-leak`: where a string came by; it is asked for, or read from the standard input."""

from __future__ import annotations

import sys

import click
from pydantic import SecretStr

from adapter.cli.audit_text import cells
from adapter.cli.options import as_json, ask
from adapter.cli.tables import show_json, show_rows
from adapter.errors import Invalid
from adapter.model.audit import LeakHit, LeakReport


@click.command()
@as_json
def command(as_json: bool) -> None:
    """Find every request that carried a string which was found where it should not be. For ADMINs.

    It is asked for without being shown, or read from the standard input (a line break at its end does not count), and
    never from the arguments. The vault hashes it; whole strings only.
    """
    value = _value()
    report = ask("audit", lambda client: client.find_leak(value))
    if as_json:
        show_json(report)
    else:
        _show(report)


def _value() -> SecretStr:
    if sys.stdin.isatty():
        return SecretStr(click.prompt("The string", hide_input=True, err=True))
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError:
        raise Invalid("The standard input is no text.", hint="Send the string as UTF-8.") from None
    return SecretStr(text[:-1] if text.endswith("\n") else text)


def _show(report: LeakReport) -> None:
    if report.hits:
        show_rows(("TIME", "ACT", "OUTCOME", "ACTOR", "SECRET", "CLIENT", "ADDRESS", "WHERE"), map(_row, report.hits))
    devices = ", ".join(report.devices)
    click.echo(f"{len(report.hits)} requests, in {report.lines} lines of the log (devices: {devices}).", err=True)
    click.echo(report.note, err=True)


def _row(hit: LeakHit) -> tuple[str, ...]:
    how = " and ".join(word for word, is_so in (("sent", hit.sent), ("answered", hit.answered)) if is_so)
    return *cells(hit.event)[:-1], f"{how}: {', '.join(hit.fields)}"
