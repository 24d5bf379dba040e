"""Take a name for a secret that is about to be there, so that nobody else takes it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from adapter.errors import Conflict, Exists, NotAllowed, NotFound
from adapter.model.address import Address, Scope
from adapter.model.intents import CREATING, pending
from adapter.model.moves import mark_keys
from adapter.model.records import parse_time
from adapter.service.app import Act
from adapter.vault.answers import Metadata

UNDER_WAY_FOR = timedelta(minutes=1)
"""No creation takes longer, so an older entry without a value is one that was never finished."""


async def claim(act: Act, address: Address, custom: Mapping[str, str], *, adopt: bool = True) -> None:
    """Put `custom` where a secret shall be. Raises Exists when the name is taken.

    `adopt`: an entry of the CLI's that has metadata and no value becomes that secret.
    """
    entry = await entry_at(act, address)
    if entry is None:
        try:
            await act.store.create_custom(address, custom)
        except (Conflict, NotAllowed):
            entry = await entry_at(act, address)
            if entry is None:
                raise
        else:
            return
    if is_taken(act, entry, adopt=adopt):
        raise taken(address.scope)
    # A creation that was never finished leaves nothing to the next; what the CLI put there stays.
    left = dict.fromkeys(entry.custom, None) if CREATING in entry.custom else {}
    try:
        await act.store.patch_custom(address, left | dict(custom), seen=entry)
    except Conflict:
        raise taken(address.scope) from None


async def entry_at(act: Act, address: Address) -> Metadata | None:
    try:
        return await act.store.metadata(address)
    except NotFound:
        return None


def is_taken(act: Act, entry: Metadata, *, adopt: bool) -> bool:
    unclaimed = CREATING in entry.custom or adopt
    return entry.current_version > 0 or bool(mark_keys(entry.custom)) or is_under_way(act, entry) or not unclaimed


def is_under_way(act: Act, entry: Metadata) -> bool:
    """Whether this very secret is being created in these moments, by whomever."""
    begun = [parse_time(intent.record.at) for intent in pending(entry.custom)]
    return any(moment is not None and abs(act.now - moment) < UNDER_WAY_FOR for moment in begun)


def taken(scope: Scope | None) -> Exists:
    return Exists(
        f"There is already a secret of that name in {scope or 'that place'}.",
        hint="Choose another name, or update the value of the one that is there.",
    )
