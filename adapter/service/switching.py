"""Disabling somebody at once, and letting them in again: the entity is switched, their tokens are revoked."""

from __future__ import annotations

from adapter.errors import Prevented
from adapter.model.access import Switched
from adapter.model.who import Kind, Who
from adapter.service import holders
from adapter.service.app import Act
from adapter.service.grants import check_not_last_admin
from adapter.service.managing import changing
from adapter.service.temporary_ends import end_all_of
from adapter.vault import accessors, identity
from adapter.vault.identity import Entity

MANAGING = "Disabling and enabling people and components"

STILL_WRAPPED = "A value that they wrapped before can still be unwrapped, for 5 minutes at most."


async def disable(act: Act, who: Who) -> Switched:
    """From now on the vault refuses their tokens, sign-ins and temporary access.

    Raises Conflict for oneself and the last ADMIN.
    """
    async with changing(act, MANAGING):
        # An account is disabled before it ever called, too; its entity is what the vault refuses.
        find = holders.find_or_make if who.kind is Kind.ACCOUNT else holders.find
        entity = await find(act, who)
        await check_not_oneself(act, entity)
        await check_not_last_admin(act, entity)
        await identity.set_entity(act.session, entity.name, disabled=True)
        ended = await end_all_of(act, who, entity)
    revoked = ended + await accessors.revoke_all(act.session, entity.id)
    return Switched(who=str(who), disabled=True, revoked=revoked, message=f"{who} is disabled. {STILL_WRAPPED}")


async def enable(act: Act, who: Who) -> Switched:
    """Let them sign in again. Every token from before is revoked first, so that none comes to life. Raises NotFound."""
    async with changing(act, MANAGING):
        entity = await holders.find(act, who)
        revoked = await end_all_of(act, who, entity) if entity.disabled else 0
    if entity.disabled:
        revoked += await accessors.revoke_all(act.session, entity.id)
    async with changing(act, MANAGING):
        await identity.set_entity(act.session, entity.name, disabled=False)
    return Switched(who=str(who), disabled=False, revoked=revoked, message=f"{who} can sign in again.")


async def check_not_oneself(act: Act, entity: Entity) -> None:
    """Raises Conflict: whoever disables or removes themselves cannot end what they began."""
    if (await act.identity()).entity_id == entity.id:
        raise Prevented("That is you yourself.", hint="Another ADMIN can do it.")
