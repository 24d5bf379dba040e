"""A rename or move that ended early: whoever looks next, and may, finishes it; everybody else is told.

What stands in a mark can have been written by anybody who may change the secret. So nothing is finished that this
person could not do: a rename within its scope ends with copies that are compared, and a move between scopes is
believed only where the journal, which ADMINs alone write, says the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from adapter.errors import Exists, NotAllowed, StatusError
from adapter.model.address import Address
from adapter.model.intents import CREATING
from adapter.model.moves import Mark, find_mark, half_done, mark_keys
from adapter.model.records import iso
from adapter.service.app import Act
from adapter.service.carrying import Carriage
from adapter.service.claiming import claim, entry_at
from adapter.service.writing import may_change
from adapter.vault.answers import Metadata

REFUSED = "-"
JOURNAL_FROM, JOURNAL_TO = "from", "to"


async def settled_place(act: Act, address: Address, entry: Metadata, mark: Mark) -> Metadata:
    """What counts at a place with a mark. Raises Conflict while it is half done, NotFound for an old place now gone."""
    may = await _may_finish(act, address, mark)
    if mark.new and mark.complete and await _is_old_gone(act, address, mark):
        with suppress(StatusError):  # somebody else clears it in this moment
            return await _cleared(act, address, entry, mark) if may else entry
        return entry
    if mark.is_under_way(act.now) or not may:
        raise half_done()
    try:
        return await take_up(act, address, mark)
    except NotAllowed:
        raise half_done() from None


async def _may_finish(act: Act, address: Address, mark: Mark) -> bool:
    return await may_change(act, address) if mark.other else (await act.identity()).is_admin


async def ends(act: Act, address: Address, mark: Mark) -> tuple[Address, Address] | None:
    """The old and the new place of a rename, or of a move that the journal knows; None for one that it does not."""
    if mark.other is not None:
        within = address.scope == mark.other.scope and address != mark.other
        return ((mark.other, address) if mark.new else (address, mark.other)) if within else None
    journal = await entry_at(act, mark.journal)
    if journal is None:
        return None
    source, to = (journal.custom.get(key, "") for key in (JOURNAL_FROM, JOURNAL_TO))
    return (Address(source), Address(to)) if (to if mark.new else source) == address.path else None


async def _is_old_gone(act: Act, address: Address, mark: Mark) -> bool:
    try:
        known = await ends(act, address, mark)
        return known is not None and await entry_at(act, known[0]) is None
    except NotAllowed:
        return False


async def take_up(act: Act, address: Address, mark: Mark) -> Metadata:
    """Finish what the mark at `address` speaks of, and answer what is there then. Raises Conflict, NotFound."""
    known = await ends(act, address, mark)
    if known is None:
        return await _cleared(act, address, await act.store.metadata(address), mark)
    source, to = known
    old, new = await entry_at(act, source), await entry_at(act, to)
    if old is None or mark.key not in old.custom:
        await close(act, to, mark)
    elif new is not None and mark.key not in new.custom:  # somebody took the name before it was claimed
        await withdraw(act, mark, source, to)
    else:
        await _carry_on(act, source, to, old, new)
    return await act.store.metadata(address)


async def _carry_on(act: Act, source: Address, to: Address, old: Metadata, new: Metadata | None) -> None:
    left = find_mark(old.custom)
    if left is None or left.is_under_way(act.now):
        raise half_done()
    mark = replace(left, since=iso(act.now))
    carriage = Carriage(act, source, to, mark)
    await act.store.patch_custom(source, mark.encode(), seen=old)
    if new is None:
        try:
            await claim(act, to, carriage.new_mark.encode(), adopt=False)
        except Exists:
            await withdraw(act, mark, source, to)
            return
    try:
        await carriage.carry()
    except StatusError:
        with suppress(StatusError):  # so that the next one need not wait
            await act.store.patch_custom(source, left.encode())
        raise
    await close(act, to, mark)


async def close(act: Act, to: Address, mark: Mark) -> None:
    """The old place is gone, or never was one: the new one is a secret like any other."""
    entry = await entry_at(act, to)
    if entry is not None:
        await _cleared(act, to, entry, mark)
    await _forget(act, mark)


async def withdraw(act: Act, mark: Mark, source: Address, to: Address) -> None:
    """Leave both places as if nothing had been begun. Nothing was copied yet."""
    for place in (to, source):
        with suppress(StatusError):
            entry = await act.store.metadata(place)
            if mark.key in entry.custom:
                await _cleared(act, place, entry, mark)
    await _forget(act, mark)


async def _cleared(act: Act, address: Address, entry: Metadata, mark: Mark) -> Metadata:
    """A place without that mark; one that was only claimed counts as not there from then on."""
    changes: dict[str, str | None] = dict.fromkeys(_keys(entry.custom, mark))
    here = find_mark(entry.custom)
    if here is not None and here.new and entry.current_version == 0:
        changes[CREATING] = REFUSED
    await act.store.patch_custom(address, changes, seen=entry)
    return await act.store.metadata(address)


def _keys(custom: Iterable[str], mark: Mark) -> list[str]:
    return [key for key in mark_keys(dict.fromkeys(custom, "")) if key.startswith(mark.key)]


async def _forget(act: Act, mark: Mark) -> None:
    """A move's line in the journal has done its work."""
    if mark.other is None:
        with suppress(StatusError):
            await act.store.delete_all(mark.journal)
