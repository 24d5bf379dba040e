"""Acts that ended before their last step: what stands in the metadata of secrets until somebody finishes it."""

from __future__ import annotations

from functools import partial

from adapter.model.address import Address
from adapter.model.backup import RESTORING
from adapter.model.intents import CREATING, settled
from adapter.service.app import Act
from adapter.service.claiming import is_under_way
from adapter.service.doctor.checks import Check, Finding
from adapter.service.listing import is_unfinished
from adapter.service.writing import created_times, finish_pending
from adapter.settings import Settings
from adapter.vault.answers import Metadata
from adapter.vault.policies import SCOPES_FOLDER

MEND = "status-secrets doctor --repair finishes it."


async def look(act: Act, settings: Settings) -> list[Finding]:
    """One finding for each secret, or scope, with something unfinished; an act that is under way is none."""
    entries = sorted(await act.store.tree(""), key=lambda pair: pair[0])
    return [finding for address, entry in entries if (finding := _look_at(act, address, entry))]


def _look_at(act: Act, address: Address, entry: Metadata) -> Finding | None:
    of_scope = address.path.startswith(f"{SCOPES_FOLDER}/")
    return _of_scope(act, address, entry) if of_scope else _finding(act, address, entry)


def _of_scope(act: Act, address: Address, entry: Metadata) -> Finding | None:
    """A backup, or a restore, that ended early leaves its intent in the scope's entry."""
    if not settled(entry.custom, {}, act.now):
        return None
    scope = address.path.removeprefix(f"{SCOPES_FOLDER}/")
    what = f"{scope}: a backup or restore ended before it took its intent away."
    return Finding(what, "status-secrets doctor --repair removes it.", partial(_clear_intents, act, address, scope))


async def _clear_intents(act: Act, address: Address, scope: str) -> str:
    left = settled((await act.store.metadata(address)).custom, {}, act.now)
    if left:
        await act.store.patch_custom(address, left)
    return f"{scope}: what a backup or restore left was removed."


def _finding(act: Act, address: Address, entry: Metadata) -> Finding | None:
    if is_unfinished(entry):
        if is_under_way(act, entry):
            return None
        what = f"{address.path}: a creation ended before its value was stored."
        return Finding(what, "status-secrets doctor --repair removes what it left.", partial(_clear, act, address))
    if RESTORING in entry.custom:
        what = f"{address.path}: a restore ended before all its versions were back."
        return Finding(what, "Repeat status-secrets restore with the same backup: it goes on where it ended.")
    if settled(entry.custom, created_times(entry), act.now):
        what = f"{address.path}: a change ended before its record was complete."
        return Finding(what, MEND, partial(_settle, act, address))
    return None


async def _clear(act: Act, address: Address) -> str:
    entry = await act.store.metadata(address)
    if not is_unfinished(entry) or is_under_way(act, entry):
        return f"{address.path}: somebody is creating it; left alone."
    # Who claims the name in this moment fails on the missing entry, and says so.
    await act.store.delete_all(address)
    return f"{address.path}: what a creation left was removed."


async def _settle(act: Act, address: Address) -> str:
    entry = await finish_pending(act, address, await act.store.metadata(address))
    if settled(entry.custom, created_times(entry), act.now) or CREATING in entry.custom:
        return f"{address.path}: could not be finished; look at its history."
    return f"{address.path}: its record is complete."


check = Check("unfinished-acts", "Acts that ended before their last step", look)
