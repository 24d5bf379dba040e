"""`status-secrets backup`: secrets with all their versions, encrypted to whoever may restore them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from adapter.cli.embedded_identity import with_identity
from adapter.cli.output import progress
from adapter.errors import NotSignedIn
from adapter.model.address import Scope
from adapter.model.backup import End, Line, SavedSecret
from adapter.model.records import check_reason
from adapter.service.acting import acting_in
from adapter.service.app import Act, Services
from adapter.service.backing_up import back_up, count
from adapter.settings import Settings, load_settings, token_at_hand
from adapter.vault.session import Caller, Vault

WITHOUT_IDENTITY = (
    "The adapter has no identity of its own here (STATUS_ADAPTER_ROLE_ID), so the audit view will show each value that "
    "is read as used by you."
)


@click.command()
@click.option("--recipient", "texts", multiple=True, metavar="age1…", help="Who can open it; repeatable. SSH keys too.")
@click.option(
    "--recipients-file", "files", multiple=True, type=click.Path(path_type=Path), help="A recipient a line; repeatable."
)
@click.option("--scope", "names", multiple=True, metavar="SCOPE", help="This scope; repeatable. Else everything.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The file to write; a new one.")
@click.option("--reason", default="", help="Why; it stands in the vault's log.")
def command(texts: tuple[str, ...], files: tuple[Path, ...], names: tuple[str, ...], output: Path, reason: str) -> None:
    """Write secrets with all their versions into a file that only its recipients can open (age).

    It reads the vault that VAULT_ADDR names, with an ADMIN's token: VAULT_TOKEN or ~/.vault-token. The values never
    touch the disk unencrypted.
    """
    from adapter.cli.age_file import recipients

    settings = with_identity(load_settings())
    to = recipients(texts, files)
    scopes = [Scope.parse(name) for name in names] or None
    asyncio.run(_backup(settings, caller(settings, "backup", reason), scopes, output, to))


def caller(settings: Settings, command: str, reason: str) -> Caller:
    """Who calls, for the vault's log. Raises NotSignedIn without a token at hand."""
    token: SecretStr | None = token_at_hand(settings)
    if token is None:
        raise NotSignedIn("There is no token to sign in with.", hint="Set VAULT_TOKEN, or sign in with: bao login")
    return Caller(token, reason=check_reason(reason), client=command)


async def _backup(settings: Settings, who: Caller, scopes: list[Scope] | None, output: Path, to: list[Any]) -> None:
    from adapter.cli.age_file import encrypt

    async with Vault.from_settings(settings) as vault, acting_in(settings, vault) as acting:
        if acting is None:
            click.echo(WITHOUT_IDENTITY, err=True)
        act = Services(vault, acting=acting).act(who)
        ends: list[End] = []
        async with aclosing(_shown(act, scopes, ends)) as lines:
            await encrypt(lines, output, to)
    click.echo(f"{ends[0].secrets} secrets with {ends[0].versions} versions are in {output}.")


async def _shown(act: Act, scopes: list[Scope] | None, ends: list[End]) -> AsyncGenerator[Line, None]:
    """The lines, with a bar of the secrets on the way; the last one is kept in `ends`."""
    total = await count(act, scopes)
    with progress(total, "Backing up") as bar:
        async with aclosing(back_up(act, scopes)) as lines:
            async for line in lines:
                bar.update(isinstance(line, SavedSecret))
                if isinstance(line, End):
                    ends.append(line)
                yield line
