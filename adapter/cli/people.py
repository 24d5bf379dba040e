"""`status-secrets people`: who signs in with a user name, and letting somebody in no longer."""

from __future__ import annotations

import sys

import click
from pydantic import SecretStr

from adapter.cli.options import as_json, ask, reason
from adapter.cli.output import show_result
from adapter.cli.tables import show_json, show_rows
from adapter.model.access import PersonAdd, PersonPassword, PersonSaved, PersonView

NAME = "people"

typed = click.option("--password", "typed", is_flag=True, help="Type a password, or pipe it in; else one is made.")


@click.group()
def command() -> None:
    """People who sign in, and their accounts. For ADMINs. Roles are given with "status-secrets grants"."""


@command.command("list")
@as_json
def list_people(as_json: bool) -> None:
    """Everybody whom the vault knows, and how they sign in."""
    found = ask(NAME, lambda client: client.people())
    if as_json:
        show_json(found)
        return
    show_rows(("NAME", "SIGN-IN", ""), map(_row, found))


def _row(person: PersonView) -> tuple[str, ...]:
    return person.name, ", ".join(person.sign_in) or "none", "disabled" if person.disabled else ""


@command.command("add")
@click.argument("name")
@typed
@reason
@as_json
def add(name: str, typed: bool, reason: str | None, as_json: bool) -> None:
    """Add somebody who signs in with a user name; a password that is made is shown this once."""
    given = {"password": _typed() if typed else None, "reason": reason}
    body = PersonAdd(name=name, **{key: value for key, value in given.items() if value is not None})
    _show(ask(NAME, lambda client: client.add_person(body)), as_json)


@command.command("password")
@click.argument("name")
@typed
@reason
@as_json
def password(name: str, typed: bool, reason: str | None, as_json: bool) -> None:
    """Replace somebody's password."""
    given = {"password": _typed() if typed else None, "reason": reason}
    body = PersonPassword(**{key: value for key, value in given.items() if value is not None})
    _show(ask(NAME, lambda client: client.new_password(name, body)), as_json)


def _typed() -> SecretStr:
    """From the terminal without an echo, else the first line of the standard input."""
    if sys.stdin.isatty():
        return SecretStr(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return SecretStr(sys.stdin.readline().rstrip("\r\n"))


def _show(saved: PersonSaved, as_json: bool) -> None:
    if as_json:
        show_json(saved)
    elif saved.password is None:
        show_result(f"{saved.who}: the password is set.")
    else:
        show_result(f"{saved.who}, password: {saved.password.get_secret_value()}")


@command.command("remove")
@click.argument("name")
@reason
def remove(name: str, reason: str | None) -> None:
    """Remove somebody with their user name, tokens and grants."""
    ask(NAME, lambda client: client.remove_person(name, reason=reason))
    click.echo(f"person:{name} is removed.")


@command.command("disable")
@click.argument("who")
@reason
def disable(who: str, reason: str | None) -> None:
    """Refuse somebody from now on, and revoke their tokens. WHO is a name, or person:NAME, account:USER_ID."""
    click.echo(ask(NAME, lambda client: client.disable(_who(who), reason=reason)).message)


@command.command("enable")
@click.argument("who")
@reason
def enable(who: str, reason: str | None) -> None:
    """Let somebody sign in again; their earlier tokens stay revoked."""
    click.echo(ask(NAME, lambda client: client.enable(_who(who), reason=reason)).message)


def _who(text: str) -> str:
    return text if ":" in text else f"person:{text}"
