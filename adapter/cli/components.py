"""`status-secrets components`: the programs that read values, and what they sign in with."""

from __future__ import annotations

import click

from adapter.cli.options import as_json, ask, reason
from adapter.cli.output import show_result
from adapter.cli.tables import show_json, show_rows
from adapter.model.access import ComponentAdd, ComponentRotate, ComponentView, Credentials

NAME = "components"

ttl = click.option("--ttl", metavar="SPAN", help="How long the secret id can be fetched: 30m (the default), 8h, 1d.")


@click.group()
def command() -> None:
    """Components, which read the values of the secrets in their scopes and nothing else. For ADMINs."""


@command.command("list")
@as_json
def list_components(as_json: bool) -> None:
    """Every component, its scopes, and how it stands."""
    found = ask(NAME, lambda client: client.components())
    if as_json:
        show_json(found)
        return
    show_rows(("NAME", "SCOPES", "STATE", "SECRET IDS", "LAST USE"), map(_row, found))


def _row(component: ComponentView) -> tuple[str, ...]:
    scopes, last = ", ".join(component.scopes) or "none", component.last_used_at or "-"
    return component.name, scopes, component.state, str(component.secret_ids), last


@command.command("add")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, metavar="SCOPE", help="Where it reads; repeatable.")
@ttl
@reason
@as_json
def add(name: str, scopes: tuple[str, ...], ttl: str | None, reason: str | None, as_json: bool) -> None:
    """Add a component; its secret id is handed over wrapped: whoever unwraps it first has it."""
    given = {"ttl": ttl, "reason": reason}
    body = ComponentAdd(name=name, scopes=list(scopes), **{k: v for k, v in given.items() if v is not None})
    show_credentials(ask(NAME, lambda client: client.add_component(body)), as_json)


@command.command("rotate")
@click.argument("name")
@ttl
@reason
@as_json
def rotate(name: str, ttl: str | None, reason: str | None, as_json: bool) -> None:
    """A new secret id; the earlier ones and every token of the component are revoked."""
    given = {"ttl": ttl, "reason": reason}
    body = ComponentRotate(**{key: value for key, value in given.items() if value is not None})
    show_credentials(ask(NAME, lambda client: client.rotate_component(name, body)), as_json)


def show_credentials(credentials: Credentials, as_json: bool) -> None:
    if as_json:
        show_json(credentials)
        return
    token = credentials.wrapped_secret_id.get_secret_value()
    show_result(
        f"role id    {credentials.role_id}\n"
        f"secret id  VAULT_TOKEN={token} bao unwrap -field=secret_id\n"
        f"           once, until {credentials.expires_at}; if it was unwrapped already, rotate at once"
    )


@command.command("remove")
@click.argument("name")
@reason
def remove(name: str, reason: str | None) -> None:
    """Remove a component with its secret ids, tokens and grants."""
    ask(NAME, lambda client: client.remove_component(name, reason=reason))
    click.echo(f"component:{name} is removed.")


@command.command("disable")
@click.argument("name")
@reason
def disable(name: str, reason: str | None) -> None:
    """Refuse a component from now on, and revoke its tokens."""
    click.echo(ask(NAME, lambda client: client.disable(f"component:{name}", reason=reason)).message)


@command.command("enable")
@click.argument("name")
@reason
def enable(name: str, reason: str | None) -> None:
    """Let a component sign in again; its earlier tokens stay revoked."""
    click.echo(ask(NAME, lambda client: client.enable(f"component:{name}", reason=reason)).message)
