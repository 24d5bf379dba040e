"""`status-secrets grants`: who has which role where, giving one, taking one back."""

from __future__ import annotations

import click

from adapter.cli.options import as_json, ask, reason
from adapter.cli.output import note
from adapter.cli.tables import show_json, show_rows
from adapter.model.access import GrantChange, GrantView

NAME = "grants"


@click.group()
def command() -> None:
    """Roles of people, accounts and components in scopes. For ADMINs.

    WHO is person:NAME, person:MOUNT/NAME, account:USER_ID or component:NAME; ROLE is USER, DEVELOPER, ADMIN (without a
    scope), or USE for components.
    """


@command.command("list")
@click.option("--who", metavar="WHO", help="Only theirs.")
@click.option("--scope", metavar="SCOPE", help="Only those in this scope, and ADMINs.")
@as_json
def list_grants(who: str | None, scope: str | None, as_json: bool) -> None:
    """Who has which role where."""
    found = ask(NAME, lambda client: client.grants(who=who, scope=scope))
    if as_json:
        show_json(found)
        return
    show_rows(("SCOPE", "ROLE", "WHO", "SINCE", "BY"), map(_row, found))
    if any(grant.since is None for grant in found):
        note("-: given before the audit log begins, or asked where there is no audit view (STATUS_AUDIT_LOG).")


def _row(grant: GrantView) -> tuple[str, ...]:
    who = f"{grant.who} (disabled)" if grant.disabled else grant.who
    return grant.scope, grant.role, who, grant.since or "-", grant.by or "-"


@command.command("add")
@click.argument("who")
@click.argument("role")
@click.argument("scope", required=False)
@reason
@as_json
def add(who: str, role: str, scope: str | None, reason: str | None, as_json: bool) -> None:
    """Give WHO the ROLE in SCOPE."""
    given = ask(NAME, lambda client: client.grant(_change(who, role, scope, reason)))
    if as_json:
        show_json(given)
    else:
        click.echo(f"{given.who} is {given.role} {_where(given.scope)}.")


@command.command("remove")
@click.argument("who")
@click.argument("role")
@click.argument("scope", required=False)
@reason
def remove(who: str, role: str, scope: str | None, reason: str | None) -> None:
    """Take the ROLE in SCOPE back from WHO."""
    ask(NAME, lambda client: client.revoke(_change(who, role, scope, reason)))
    click.echo(f"{who} is no longer {role.upper()} {_where(scope or '*')}.")


def _change(who: str, role: str, scope: str | None, reason: str | None) -> GrantChange:
    given = {"scope": scope, "reason": reason}
    return GrantChange(who=who, role=role, **{key: value for key, value in given.items() if value is not None})


def _where(scope: str) -> str:
    return "everywhere" if scope == "*" else f"in {scope}"
