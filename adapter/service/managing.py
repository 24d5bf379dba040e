"""What every act of managing shares: the words of a refusal, and one writer at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from adapter.errors import NotAllowed
from adapter.service.app import Act
from adapter.service.refusals import AS_ADMIN
from adapter.vault.problems import VaultRefusal
from adapter.vault.turns import own_turn


@contextmanager
def for_admins(act: str) -> Iterator[None]:
    """Says for a refusal of Vault's inside that `act` ("Managing scopes") needs the role ADMIN."""
    try:
        yield
    except VaultRefusal:
        raise NotAllowed(
            f"{act} needs the role ADMIN, which you do not hold.",
            hint=f"{AS_ADMIN} If you are ADMIN, its policies are of an earlier version: status-secrets provision",
        ) from None


@asynccontextmanager
async def changing(act: Act, words: str) -> AsyncIterator[None]:
    """Alone among all who change scopes and grants. Raises NotAllowed before anything was looked at or changed."""
    with for_admins(words):
        async with act.services.managing, own_turn(act.store, act.session.caller.request_id):
            yield
