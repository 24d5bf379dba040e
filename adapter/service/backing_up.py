"""Back up scopes: all that Vault keeps of their secrets, line by line, read with tokens minted for that.

The intent stands in the scope's own entry, which ADMIN alone may change, before a value of the scope is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from adapter.errors import Invalid, NotFound
from adapter.model.address import Address, Scope
from adapter.model.backup import End, Head, Line, SavedScope, SavedSecret, SavedVersion, Settings
from adapter.model.intents import settled
from adapter.model.moves import find_mark, lasting
from adapter.model.records import iso, records_digest
from adapter.model.roles import Role
from adapter.service.app import Act
from adapter.service.copying import Job, copying_store
from adapter.service.listing import is_unfinished
from adapter.service.refusals import explained
from adapter.service.scope_intents import ScopeIntents
from adapter.service.scopes import count_secrets, entry_of, lasting_settings
from adapter.service.views import version_state
from adapter.service.writing import created_times
from adapter.vault.answers import Metadata
from adapter.vault.policies import SCOPES_FOLDER
from adapter.vault.scopes import existing_scopes

ACT = "backed_up"

AT_ONCE = 8
"""Secrets that are read side by side."""

READS_OF_A_TOKEN = 100
"""Versions that are read with one minted token: it lives for half a minute, and has 200 uses at most."""

Entries = list[tuple[Address, Metadata]]


async def back_up(act: Act, scopes: Sequence[Scope] | None) -> AsyncGenerator[Line, None]:
    """The lines of a backup of `scopes`; None: all of them, and what lies outside every scope.

    Raises Invalid for a scope that is not there, NotAllowed.
    """
    chosen = await _chosen(act, scopes)
    wanted = [str(scope) for scope in chosen] if scopes is not None else None
    identity = await act.identity()
    vault = f"{await act.session.vault.kind()} {(await act.session.vault.seal_status())[0]}"
    yield Head(act.session.caller.request_id, iso(act.now), identity.name, act.reason, vault, wanted)
    secrets = versions = 0
    for scope in chosen:
        async with _intent(act, scope):
            yield await _scope(act, scope)
            async for secret in _secrets(act, await act.store.tree(str(scope))):
                secrets, versions = secrets + 1, versions + len(secret.versions)
                yield secret
    outside = [entry for entry in await act.store.tree("") if entry[0].scope is None] if scopes is None else []
    async for secret in _secrets(act, [entry for entry in outside if not entry[0].path.startswith(SCOPES_FOLDER)]):
        secrets, versions = secrets + 1, versions + len(secret.versions)
        yield secret
    yield End(secrets, versions)


async def _chosen(act: Act, scopes: Sequence[Scope] | None) -> list[Scope]:
    with explained("Backing up", "every scope", Role.ADMIN):
        there = sorted(await existing_scopes(act.store))
    missing = set(scopes or ()) - set(there)
    if missing:
        hint = f"There are: {', '.join(map(str, there))}."
        raise Invalid.field("scope", f"There is no scope {min(missing)}.", hint=hint)
    return there if scopes is None else sorted(set(scopes))


@asynccontextmanager
async def _intent(act: Act, scope: Scope) -> AsyncIterator[None]:
    intents = ScopeIntents(act, ACT, "Backing up")
    await intents.ask(scope)
    try:
        yield
    finally:
        await intents.clear()


async def _scope(act: Act, scope: Scope) -> SavedScope:
    custom = (await act.store.metadata(entry_of(scope))).custom
    return SavedScope(str(scope), lasting_settings(custom))


async def _secrets(act: Act, entries: Entries) -> AsyncIterator[SavedSecret]:
    """By their paths; some are read ahead."""
    whole = sorted((entry for entry in entries if _is_whole(entry[1])), key=lambda entry: entry[0])
    for start in range(0, len(whole), AT_ONCE):
        for secret in await asyncio.gather(*(_secret(act, *entry) for entry in whole[start : start + AT_ONCE])):
            yield secret


def _is_whole(entry: Metadata) -> bool:
    """Not a creation without its value, nor the new place of a rename that its old place has more of."""
    mark = find_mark(entry.custom)
    return not is_unfinished(entry) and (mark is None or not mark.new or mark.complete)


async def _secret(act: Act, address: Address, entry: Metadata) -> SavedSecret:
    """What an act that ended early left is kept as the next look would finish it, since that look writes."""
    custom: dict[str, str | None] = {**entry.custom, **settled(entry.custom, created_times(entry), act.now)}
    kept = lasting({key: text for key, text in custom.items() if text is not None})
    settings = Settings(entry.max_versions, entry.cas_required, entry.delete_version_after, entry.metadata_cas_required)
    versions = await _versions(act, address, entry)
    return SavedSecret(
        address.path, entry.created_time, entry.updated_time, entry.current_version, kept, settings, versions
    )


async def _versions(act: Act, address: Address, entry: Metadata) -> list[SavedVersion]:
    numbers = sorted(map(int, entry.versions))
    live = [number for number in numbers if _state(act, entry, number) == "live"]
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(live), READS_OF_A_TOKEN):
        some = live[start : start + READS_OF_A_TOKEN]
        job = Job(ACT, address, records_digest(entry.custom, some))
        async with copying_store(act, job, address, len(some)) as store:
            for number in some:
                with suppress(NotFound):  # deleted since its metadata was read
                    found[number] = await store.stored(address, number)
    return [_saved(act, entry, number, found.get(number)) for number in numbers]


def _state(act: Act, entry: Metadata, number: int) -> str:
    state = version_state(entry.versions[str(number)], act.now, current=False)
    return state if state in ("deleted", "destroyed") else "live"


def _saved(act: Act, entry: Metadata, number: int, data: dict[str, Any] | None) -> SavedVersion:
    state = _state(act, entry, number)
    state = "deleted" if state == "live" and data is None else state
    return SavedVersion(number, entry.versions[str(number)].created_time, state, data)


async def count(act: Act, scopes: Sequence[Scope] | None) -> int:
    """How many secrets a backup of these scopes has, about."""
    if scopes is None:
        return await count_secrets(act, "")
    return sum([await count_secrets(act, str(scope)) for scope in scopes])
