"""`status-secrets restore`: add what a backup has and the vault has not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from adapter.cli.backup import WITHOUT_IDENTITY, caller
from adapter.cli.embedded_identity import with_identity
from adapter.cli.output import progress, say
from adapter.errors import Invalid, TooLarge
from adapter.model.address import Address, Scope
from adapter.model.backup import End, Head, Line, SavedScope, SavedSecret
from adapter.service.acting import acting_in
from adapter.service.app import Act, Services
from adapter.service.restoring import SCOPE_PLACE, Outcome, restore_intents, restore_scope, restore_secret
from adapter.service.scope_intents import ScopeIntents
from adapter.settings import Settings, load_settings
from adapter.vault.session import Caller, Vault

AT_ONCE = 8
DIFFERS, CONFLICT = 2, 5

SIGNS = {"create": "+", "differs": "~", "conflict": "!"}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--identity",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file with the private key: of age-keygen, or an SSH key.",
)
@click.option("--scope", "names", multiple=True, metavar="SCOPE", help="This scope alone; repeatable.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--reason", default="", help="Why; it stands in the vault's log.")
def command(file: Path, identity: Path, names: tuple[str, ...], dry_run: bool, reason: str) -> int:
    """Add the secrets and versions of a backup that the vault does not have; nothing that is there is replaced.

    It can be repeated, also after it was interrupted. `+` was not there, `~` differs, `!` has another value; the exit
    code is then 2 or 5. It works on the vault that VAULT_ADDR names, with an ADMIN's token.
    """
    from adapter.cli.age_file import identities

    settings = with_identity(load_settings())
    keys = identities(identity)
    who = caller(settings, "restore", reason)
    return asyncio.run(_restore(settings, who, file, keys, [Scope.parse(name) for name in names], dry_run))


@dataclass(slots=True)
class Content:
    """What a whole backup holds, values apart."""

    head: Head
    scopes: list[str] = field(default_factory=list)
    secrets: int = 0


async def _restore(
    settings: Settings, who: Caller, file: Path, keys: list[Any], scopes: list[Scope], dry_run: bool
) -> int:
    say("Reading the backup")
    content = await checked(file, keys)
    wanted = {str(scope) for scope in scopes}
    if missing := wanted - set(content.scopes):
        raise Invalid(f"The backup does not hold {min(missing)}.", hint=f"It holds: {', '.join(content.scopes)}.")
    async with Vault.from_settings(settings) as vault, acting_in(settings, vault) as acting:
        if acting is None:
            click.echo(WITHOUT_IDENTITY, err=True)
        act = Services(vault, acting=acting).act(who)
        outcomes = await _added(act, file, keys, content, wanted, dry_run)
    return _shown(outcomes, dry_run)


async def checked(file: Path, keys: list[Any]) -> Content:
    """Read a backup to its end, before anything of it is used. Raises Invalid for one that is not whole."""
    from adapter.cli.age_file import decrypt

    content, versions, end = None, 0, None
    async with aclosing(decrypt(file, keys)) as lines:
        async for line in lines:
            if isinstance(line, Head):
                content = Content(line)
            elif content is None or end is not None:
                content = None
                break
            elif isinstance(line, SavedScope):
                content.scopes.append(line.scope)
            elif isinstance(line, SavedSecret):
                content.secrets, versions = content.secrets + 1, versions + len(line.versions)
            else:
                end = line
    if content is None or end != End(content.secrets, versions):
        raise Invalid("The backup is not whole.", hint="Use another copy of it.")
    return content


async def _added(
    act: Act, file: Path, keys: list[Any], content: Content, wanted: set[str], dry_run: bool
) -> list[Outcome]:
    from adapter.cli.age_file import decrypt

    outcomes: list[Outcome] = []
    intents = restore_intents(act)
    label = "Comparing" if dry_run else "Restoring"
    with progress(content.secrets, label) as bar:
        async with aclosing(decrypt(file, keys)) as lines:

            async def handle(line: Line) -> None:
                if isinstance(line, SavedScope | SavedSecret) and _is_wanted(line, wanted):
                    outcomes.append(await _add(act, line, dry_run, intents))
                bar.update(isinstance(line, SavedSecret))

            try:
                await _side_by_side(lines, handle)
            finally:
                await intents.clear()
    return outcomes


def _is_wanted(line: SavedScope | SavedSecret, wanted: set[str]) -> bool:
    scope = line.scope if isinstance(line, SavedScope) else str(Address(line.path).scope)
    return not wanted or scope in wanted


async def _add(act: Act, line: SavedScope | SavedSecret, dry_run: bool, intents: ScopeIntents) -> Outcome:
    if isinstance(line, SavedScope):
        return await restore_scope(act, line, dry_run=dry_run)
    try:
        return await restore_secret(act, line, dry_run=dry_run, intents=intents)
    except (Invalid, TooLarge) as error:
        return Outcome("conflict", line.path, f"{error.detail} {error.hint}".strip())


async def _side_by_side(lines: AsyncIterator[Line], handle: Callable[[Line], Awaitable[None]]) -> None:
    """Some secrets at once; what is no secret alone, since what follows may need it. The first error ends it all."""
    tasks: set[asyncio.Task[None]] = set()

    async def until(most: int) -> None:
        while len(tasks) > most:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            tasks.difference_update(done)
            for task in done:
                task.result()

    try:
        async for line in lines:
            if not isinstance(line, SavedSecret):
                await until(0)
                await handle(line)
            else:
                await until(AT_ONCE - 1)
                tasks.add(asyncio.ensure_future(handle(line)))
        await until(0)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _shown(outcomes: list[Outcome], dry_run: bool) -> int:
    for outcome in sorted(outcomes, key=lambda one: one.path):
        if outcome.kind in SIGNS:
            click.echo(f"{SIGNS[outcome.kind]} {outcome.path}: {outcome.words}")
    kinds = {outcome.kind for outcome in outcomes}
    counts = Counter(outcome.kind for outcome in outcomes if not outcome.path.startswith(SCOPE_PLACE))
    done = "to add" if dry_run else "added"
    parts = f"{counts['create']} secrets {done}", f"{counts['same']} the same", f"{counts['differs']} differ"
    click.echo(f"{', '.join(parts)}, {counts['conflict']} in conflict.")
    return CONFLICT if "conflict" in kinds else DIFFERS if "differs" in kinds else 0
