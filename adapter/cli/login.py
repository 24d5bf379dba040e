"""`status-secrets login`: a token on the standard output, and nowhere else."""

from __future__ import annotations

import asyncio
import sys
from typing import Literal, cast

import click
from pydantic import SecretStr

from adapter.cli.output import show_result
from adapter.cli.signed_in import unsigned
from adapter.client import AsyncClient
from adapter.errors import Invalid
from adapter.model.signing_in import SignedIn
from adapter.settings import Settings, load_settings

METHODS = ("userpass", "ldap", "oidc", "approle")


@click.command()
@click.option("--method", type=click.Choice(METHODS), default="userpass", help="How to sign in; userpass without it.")
@click.option("--mount", help="Where that method is mounted, when not at its usual place.")
@click.option("--username", metavar="NAME", help="The user name (userpass, ldap); asked for without it.")
@click.option("--role-id", metavar="ID", help="The role id (approle); asked for without it.")
def command(method: str, mount: str | None, username: str | None, role_id: str | None) -> None:
    """Sign in and print the token, which is stored nowhere: export VAULT_TOKEN=$(status-secrets login).

    The password or secret id is asked for, or read as a line from the standard input when that is no terminal. With
    oidc the browser is opened, and the address is printed.
    """
    session = asyncio.run(_login(load_settings(), method, mount, username, role_id))
    until = f", until {session.expires_at}" if session.expires_at else ""
    click.echo(f"Signed in as {session.name}{until}.", err=True)
    if session.notice:
        click.echo(session.notice, err=True)
    show_result(session.token.get_secret_value())


async def _login(
    settings: Settings, method: str, mount: str | None, username: str | None, role_id: str | None
) -> SignedIn:
    async with unsigned(settings, "login") as client:
        if method == "oidc":
            return await _by_browser(client, mount)
        if method == "approle":
            role_id = role_id or _asked("Role id")
            return await client.login_with_approle(role_id, _secret("Secret id"), mount=mount)
        username = username or _asked("User name")
        kind = cast(Literal["userpass", "ldap"], method)
        return await client.login(username, _secret("Password"), method=kind, mount=mount)


async def _by_browser(client: AsyncClient, mount: str | None) -> SignedIn:
    from adapter.client import oidc
    from adapter.client.browser import open_page

    def go_to(url: str) -> None:
        opened = open_page(url)
        words = (
            "Go on in the browser. Should it show nothing, open" if opened else "Open this address on this computer:"
        )
        click.echo(f"{words}\n\n    {url}\n", err=True)

    return await oidc.sign_in(client, go_to, mount=mount)


def _asked(label: str) -> str:
    if not sys.stdin.isatty():
        raise Invalid(f"The {label.lower()} is missing.", hint="Name it with an option; --help lists them.")
    return str(click.prompt(label, err=True))


def _secret(label: str) -> SecretStr:
    if sys.stdin.isatty():
        return SecretStr(click.prompt(label, hide_input=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Invalid(f"The {label.lower()} is missing.", hint="Write it to the standard input, as one line.")
    return SecretStr(line)
