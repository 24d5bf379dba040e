"""Which scopes a mount has: one metadata-only entry stands for each."""

from __future__ import annotations

from collections.abc import Iterable

from adapter.errors import Invalid
from adapter.model.address import Scope
from adapter.vault.kv import KvStore
from adapter.vault.policies import SCOPES_FOLDER


async def existing_scopes(store: KvStore) -> list[Scope]:
    """The scopes that the mount has an entry for; none when there is no mount yet."""
    found: list[Scope] = []
    try:
        for name in await store.children(SCOPES_FOLDER):
            if name.endswith("/"):
                labels = await store.children(f"{SCOPES_FOLDER}/{name[:-1]}")
                found.extend(_parsed(f"{name}{label}" for label in labels))
            else:
                found.extend(_parsed([name]))
    except Invalid:  # the mount is being made ready
        pass
    return found


def _parsed(names: Iterable[str]) -> list[Scope]:
    scopes = []
    for name in names:
        try:
            scopes.append(Scope.parse(name))
        except Invalid:
            continue
    return scopes
