"""Tokens by their accessors: whose they are, and revoking them without holding them."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from adapter.errors import Invalid, NotFound
from adapter.vault.answers import decode_data
from adapter.vault.identity import each, names
from adapter.vault.problems import VaultRefusal
from adapter.vault.session import VaultSession
from adapter.vault.tokens import capabilities

LOOK = "auth/token/lookup-accessor"
LOOKS = 5


class Issued(msgspec.Struct, frozen=True):
    """What Vault tells of a token to whoever knows its accessor."""

    accessor: str
    entity_id: str = ""
    display_name: str = ""
    policies: list[str] = []
    num_uses: int = 0
    expire_time: str | None = None
    meta: dict[str, str] | None = None


async def look(session: VaultSession, accessor: str) -> Issued | None:
    """None for a token that has ended. Raises VaultRefusal for who may not."""
    try:
        _, content = await session.send("POST", LOOK, body={"accessor": accessor})
    except (Invalid, NotFound):
        return None
    except VaultRefusal:  # Vault says that of a token which is just ending, too, to whoever may look
        if not {"update", "root"} & (await capabilities(session, [LOOK]))[LOOK]:
            raise
        return None
    return decode_data(content, Issued)


async def revoke(session: VaultSession, accessor: str) -> None:
    """Silent for a token that has ended."""
    with suppress(Invalid, NotFound):
        await session.send("POST", "auth/token/revoke-accessor", body={"accessor": accessor})


async def of_entity(session: VaultSession, entity_id: str) -> list[str]:
    """The accessors of every token of an entity. Looks at all tokens of the server: Vault keeps no list of them."""
    accessors = await names(session, "auth/token/accessors")
    found = await each(accessors, lambda accessor: look(session, accessor))
    return [accessor for accessor, token in found.items() if token.entity_id == entity_id]


async def revoke_all(session: VaultSession, entity_id: str) -> int:
    """Revoke every token of an entity, and look again for what was issued meanwhile; answers how many there were."""
    revoked: set[str] = set()
    for _ in range(LOOKS):
        found = set(await of_entity(session, entity_id)) - revoked
        if not found:
            break
        for accessor in found:
            await revoke(session, accessor)
        revoked |= found
    return len(revoked)
