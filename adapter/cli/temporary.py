"""`status-secrets temporary`: letting somebody read one secret for a while."""

from __future__ import annotations

import shlex

import click

from adapter.cli.access import secret_id
from adapter.cli.options import as_json, ask, reason
from adapter.cli.output import show_result
from adapter.cli.shell_lines import needs, surroundings
from adapter.cli.tables import show_json, show_rows
from adapter.model.rights import TemporaryAccess, TemporaryGrant, TemporaryView
from adapter.settings import load_settings

NAME = "temporary"


@click.group()
def command() -> None:
    """Access to one secret, for a while or a number of uses; it ends by itself. For ADMINs."""


@command.command("list")
@as_json
def list_temporary(as_json: bool) -> None:
    """Every access that has not ended yet."""
    found = ask(NAME, lambda client: client.temporary())
    if as_json:
        show_json(found)
        return
    show_rows(("ID", "SECRET", "WHO", "UNTIL", "USES LEFT", "BY", "REASON", "PROBLEM"), map(_row, found))


def _row(given: TemporaryView) -> tuple[str, ...]:
    left = "any" if given.uses_left is None else str(given.uses_left)
    return (
        given.id,
        given.address,
        given.who,
        given.expires_at,
        left,
        given.by,
        given.reason or "-",
        given.problem or "-",
    )


@command.command("give")
@click.argument("secret")
@click.argument("who")
@click.option("--ttl", metavar="SPAN", required=True, help="For how long: 30m, 8h; 24h at most.")
@click.option("--uses", type=click.IntRange(1, 1000), help="For how many reads; else any number.")
@click.option("--reason", metavar="TEXT", required=True, help="What it is for.")
@as_json
def give(secret: str, who: str, ttl: str, uses: int | None, reason: str, as_json: bool) -> None:
    """Let WHO read SECRET: prints the line that they run, once, to get the token."""
    given = {"who": who, "ttl": ttl, "reason": reason} | ({"uses": uses} if uses else {})
    body = TemporaryGrant.model_validate(given)
    _show(ask(NAME, lambda client: client.give_temporary(secret_id(secret), body)), as_json)


def _show(given: TemporaryAccess, as_json: bool) -> None:
    if as_json:
        show_json(given)
        return
    settings, token = load_settings(), given.wrap_token.get_secret_value()
    place = surroundings(settings)
    lines = [
        *([f"export {place}"] if place else []),
        f"export VAULT_TOKEN=$(VAULT_TOKEN={token} bao unwrap -field=token)",
        f"status-secrets get {shlex.quote(given.address)}",
    ]
    show_result(
        f"{given.message} To be run by them, once, before {given.fetch_before}:\n\n"
        + "\n".join(lines)
        + f"\n\n{needs(settings)}\nTo end it: status-secrets temporary end {given.id}"
    )


@command.command("end")
@click.argument("access_id", metavar="ID")
@reason
def end(access_id: str, reason: str | None) -> None:
    """End the access ID at once."""
    ask(NAME, lambda client: client.take_temporary_back(access_id, reason=reason))
    click.echo("It has ended.")
