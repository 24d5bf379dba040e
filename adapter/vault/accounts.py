"""The entity of a STATUS account, which is all of the identity store that the adapter's own identity may see."""

from __future__ import annotations

import msgspec

from adapter.errors import NotFound
from adapter.vault.answers import decode_data
from adapter.vault.session import VaultSession


class AccountEntity(msgspec.Struct, frozen=True):
    disabled: bool = False
    metadata: dict[str, str] | None = None


async def account_entity(session: VaultSession, name: str) -> AccountEntity | None:
    """The entity of that name; None for an account that nobody granted anything. Raises NotAllowed."""
    try:
        _, content = await session.send("GET", "identity/entity/name", name)
    except NotFound:
        return None
    return decode_data(content, AccountEntity)
