"""How temporary access ends before its time: taken back, or with the person or the secret it was given for.

Its policy goes first: from then on the token reads nothing, whether or not it can still be revoked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from adapter.errors import Invalid, NotFound
from adapter.model.address import Address
from adapter.model.records import parse_time
from adapter.model.temporary import PREFIX, Temporary, begin_id, parse
from adapter.model.who import Who
from adapter.provision import steps
from adapter.service import holders
from adapter.service.app import Act
from adapter.service.claiming import entry_at
from adapter.service.managing import changing, for_admins
from adapter.vault import accessors, identity
from adapter.vault.identity import Entity
from adapter.vault.session import VaultSession

MANAGING = "Giving temporary access"
POLICIES = "sys/policies/acl"


async def policies_for(session: VaultSession, secret: Address) -> list[str]:
    """The names of the policies by which a secret's value may be read for a while. Raises NotAllowed."""
    prefix = f"{PREFIX}{begin_id(secret)}"
    return [name for name in await identity.names(session, POLICIES) if name.startswith(prefix)]


async def delete_policies(session: VaultSession, names: Iterable[str]) -> None:
    """Without its policy a token reads nothing; it is left to end by itself. Raises NotAllowed."""
    for name in names:
        await session.send("DELETE", POLICIES, name)


@dataclass(frozen=True, slots=True)
class Orphan:
    """An access that should have ended, and why, as a clause without its full stop."""

    given: Temporary
    why: str


async def all_given(act: Act) -> dict[str, Temporary]:
    """By id. Raises VaultRefusal for whoever may not see policies."""
    found = [name for name in await identity.names(act.session, POLICIES) if name.startswith(PREFIX)]

    async def one(name: str) -> Temporary | None:
        policy = await steps.read(act.session, POLICIES, name)
        return parse(str((policy or {}).get("policy", "")))

    return {given.id: given for given in (await identity.each(found, one)).values()}


async def end(act: Act, given: Temporary) -> None:
    """Silent for what has ended."""
    await act.session.send("DELETE", POLICIES, given.policy)
    if given.accessor:
        await accessors.revoke(act.session, given.accessor)


async def end_all_of(act: Act, who: Who, entity: Entity | None) -> int:
    """Everything that somebody was given; answers how many accesses that were."""
    ended = [given for given in (await all_given(act)).values() if await _is_of(act, given, who, entity)]
    for given in ended:
        await end(act, given)
    return len(ended)


async def _is_of(act: Act, given: Temporary, who: Who, entity: Entity | None) -> bool:
    if given.entity and entity is not None:
        return given.entity == entity.id
    if given.who == str(who):
        return True
    found = await _holder(act, given)
    return found is not None and entity is not None and found.id == entity.id


async def _holder(act: Act, given: Temporary) -> Entity | None:
    """Whom it was given to; None for somebody who is gone, also where another one has that name now."""
    if given.entity:
        return await identity.entity_by_id(act.session, given.entity)
    try:
        return await holders.find(act, Who.parse(given.who))
    except (Invalid, NotFound):
        return None


async def leftovers(act: Act) -> list[Temporary]:
    """What is left in the vault of accesses whose tokens have ended by themselves. Raises NotAllowed."""
    with for_admins(MANAGING):
        return [given for given in (await all_given(act)).values() if has_ended(given, act.now)]


async def sweep(act: Act) -> int:
    """Clear those away; answers how many there were. Raises NotAllowed."""
    async with changing(act, MANAGING):
        return await sweep_within(act)


async def sweep_within(act: Act) -> int:
    """The same, where nobody else changes anything meanwhile."""
    ended = await leftovers(act)
    for given in ended:
        await end(act, given)
    return len(ended)


async def orphans(act: Act) -> list[Orphan]:
    """Accesses that go on although whom or what they were given for is gone. Raises NotAllowed."""
    with for_admins(MANAGING):
        going_on = [given for given in (await all_given(act)).values() if not has_ended(given, act.now)]
        return [Orphan(given, why) for given in going_on if (why := await why_orphaned(act, given))]


async def end_orphan(act: Act, access_id: str) -> bool:
    """End an access if it still goes on without whom or what it was given for. Raises NotAllowed."""
    async with changing(act, MANAGING):
        given = (await all_given(act)).get(access_id)
        if given is None or not await why_orphaned(act, given):
            return False
        await end(act, given)
        return True


async def why_orphaned(act: Act, given: Temporary) -> str:
    """A clause; empty for an access that is as it was given."""
    holder = await _holder(act, given)
    if holder is None:
        return "whom it was given to is gone"
    if holder.disabled:
        return "whom it was given to is disabled"
    entry = await entry_at(act, Address(given.secret))
    if entry is None:
        return "the secret is gone: it was renamed, moved or deleted"
    return "another secret has that name now" if given.created not in ("", entry.created_time) else ""


def has_ended(given: Temporary, now: datetime) -> bool:
    until = parse_time(given.until)
    return until is None or until <= now
