"""Renames and moves that ended before their last step."""

from __future__ import annotations

from functools import partial

from adapter.errors import NotFound
from adapter.model.address import Address
from adapter.model.moves import JOURNAL_FOLDER, UNDER_WAY_FOR, Mark, find_mark
from adapter.model.records import parse_time
from adapter.service.app import Act
from adapter.service.carrying import DoNotFit
from adapter.service.claiming import entry_at
from adapter.service.doctor.checks import Check, Finding
from adapter.service.resuming import ends, take_up, withdraw
from adapter.settings import Settings
from adapter.vault.policies import SCOPES_FOLDER

MEND = "status-secrets doctor --repair finishes it, or sets both places free where they do not fit together."


async def look(act: Act, settings: Settings) -> list[Finding]:
    """One finding for each rename, by whichever of its places is there, and for each line of the journal left over."""
    marked: dict[tuple[str, ...], tuple[Address, Mark]] = {}
    for address, entry in await act.store.tree(""):
        mark = find_mark(entry.custom)
        if mark is None or address.path.startswith(f"{SCOPES_FOLDER}/"):
            continue
        key = mark.id, *sorted((address.path, mark.other.path) if mark.other else ())
        if key not in marked or not mark.new:
            marked[key] = address, mark
    found = [_finding(act, *marked[key]) for key in sorted(marked) if not marked[key][1].is_under_way(act.now)]
    return [*found, *[_left_over(act, address) for address in await _journal(act, {key[0] for key in marked})]]


def _finding(act: Act, address: Address, mark: Mark) -> Finding:
    what = f"{address.path}: a rename or move, begun by {mark.record.by} at {mark.record.at}, is only half done."
    return Finding(what, MEND, partial(_finish, act, address, mark))


async def _finish(act: Act, address: Address, mark: Mark) -> str:
    known = await ends(act, address, mark)
    try:
        await take_up(act, address, mark)
    except NotFound:  # this was the old place
        pass
    except DoNotFit:
        assert known is not None
        await withdraw(act, mark, *known)
        return f"{known[0].path} and {known[1].path} differ and are both kept; look at them, and delete one."
    return f"{known[1].path}: the rename is finished." if known else f"{address.path}: a mark of no rename was removed."


async def _journal(act: Act, known: set[str]) -> list[Address]:
    """The lines of the journal that no secret speaks of any more."""
    found = []
    for name in await act.store.children(JOURNAL_FOLDER):
        address = Address(f"{JOURNAL_FOLDER}/{name}")
        entry = await entry_at(act, address)
        begun = parse_time(entry.created_time) if entry else None
        if name not in known and begun is not None and act.now - begun > UNDER_WAY_FOR:
            found.append(address)
    return found


def _left_over(act: Act, address: Address) -> Finding:
    async def remove() -> str:
        await act.store.delete_all(address)
        return f"{address.path}: removed."

    what = f"{address.path}: a move has ended, and its line in the journal is left."
    return Finding(what, "status-secrets doctor --repair removes it.", remove)


check = Check("half-moved", "Renames and moves that ended before their last step", look)
