"""`status-secrets scopes`: which there are, adding one, its settings, retiring one."""

from __future__ import annotations

import click

from adapter.cli.options import as_json, ask, reason
from adapter.cli.tables import show_json, show_rows
from adapter.model.access import Expired, ScopeSave, ScopeView

NAME = "scopes"


@click.group()
def command() -> None:
    """Scopes, each with its own policies and groups. For ADMINs.

    A scope is "global", "environment/NAME", "service/NAME" or "custom/NAME".
    """


@command.command("list")
@as_json
def list_scopes(as_json: bool) -> None:
    """Every scope with its settings, how many secrets it holds, and how many hold a right in it."""
    found = ask(NAME, lambda client: client.scopes())
    if as_json:
        show_json(found)
        return
    header = ("SCOPE", "SECRETS", "PEOPLE", "ACCOUNTS", "COMPONENTS", "REASON", "EXPIRED", "STATE")
    show_rows(header, map(_row, found))


def _row(scope: ScopeView) -> tuple[str, ...]:
    counts = (scope.secrets, scope.people, scope.accounts, scope.components)
    return (
        scope.scope,
        *map(str, counts),
        "required" if scope.require_reason else "optional",
        f"{scope.expired}d" if scope.expired == "serve" else "refused",
        scope.state,
    )


@command.command("add")
@click.argument("scope")
@click.option("--require-reason/--no-require-reason", default=None, help="Whether every change must say why.")
@click.option("--expired", type=click.Choice(["serve", "refuse"]), help="What becomes of secrets that have expired.")
@reason
@as_json
def add(scope: str, require_reason: bool | None, expired: Expired | None, reason: str | None, as_json: bool) -> None:
    """Add SCOPE, finish one that is half there, or change the settings of one that is there."""
    given = {"require_reason": require_reason, "expired": expired, "reason": reason}
    body = ScopeSave(scope=scope, **{key: value for key, value in given.items() if value is not None})
    saved = ask(NAME, lambda client: client.save_scope(body))
    if as_json:
        show_json(saved)
    else:
        click.echo(f"{saved.scope}: {saved.state}.")


@command.command("retire")
@click.argument("scope")
@reason
def retire(scope: str, reason: str | None) -> None:
    """Retire SCOPE, which must hold no secrets: every grant in it goes too."""
    ask(NAME, lambda client: client.retire_scope(scope, reason=reason))
    click.echo(f"{scope} is retired.")
