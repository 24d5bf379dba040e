"""Rename a secret within its scope, for somebody who may not read it, or move it to another scope (ADMIN)."""

from __future__ import annotations

from contextlib import suppress

from adapter.errors import Conflict, Invalid, OutcomeUnknown, StatusError
from adapter.model.address import Address
from adapter.model.intents import pending
from adapter.model.moves import RENAMED, Mark, half_done, lasting, mark_keys
from adapter.model.records import Origin, iso
from adapter.model.roles import Role
from adapter.service.app import Act
from adapter.service.carrying import Carriage, live_versions
from adapter.service.claiming import claim, entry_at, is_taken, taken
from adapter.service.copied_metadata import TRACES
from adapter.service.copying import check_may_copy
from adapter.service.creating import check_scope
from adapter.service.fields import METADATA_KEYS, OWN_ROOM, new_record
from adapter.service.listing import look
from adapter.service.reasons import check_reason_given
from adapter.service.refusals import explained, place_of
from adapter.service.resuming import JOURNAL_FROM, JOURNAL_TO, close, withdraw
from adapter.service.writing import check_seen, finish_pending
from adapter.vault.answers import Metadata

MOST_FILLERS = 10_000
"""Versions without a value, one request each, that keep the numbering of a secret that was changed very often."""


async def move_secret(act: Act, address: Address, to: Address, if_version: int | None = None) -> None:
    """Carry a secret with all its versions to another name or scope; numbers, authors, times and reasons stay.

    Raises Exists when there is one, Conflict when somebody is changing it, Invalid, NotAllowed, NotFound.
    """
    crossing = address.scope != to.scope
    with explained(*_words(address, crossing)):
        entry = await finish_pending(act, address, await look(act, address))
        await check_seen(act, address, entry, if_version)
        await check_reason_given(act, address, to)
        await check_free(act, to)
        _check_movable(act, entry)
        record = await new_record(act, Origin.RENAMED)
        mark = Mark(act.session.caller.request_id[:12], record, iso(act.now), other=None if crossing else to)
        carriage = Carriage(act, address, to, mark)
        carriage.new_mark.encode()  # what does not fit is refused before anything is written
        await _open(carriage, entry, crossing)
        await _carry(carriage)


def _words(address: Address, crossing: bool) -> tuple[str, str, Role]:
    if crossing:
        return "Moving secrets to another scope", place_of(address), Role.ADMIN
    return "Renaming secrets", place_of(address), Role.DEVELOPER


async def check_free(act: Act, to: Address) -> None:
    """Raises Exists for a name that is taken, Invalid for a scope that is not there."""
    if to.scope is not None:
        await check_scope(act, to.scope)
    entry = await entry_at(act, to)
    if entry is not None and is_taken(act, entry, adopt=False):
        raise taken(to.scope)


def _check_movable(act: Act, entry: Metadata) -> None:
    if pending(entry.custom):
        raise _being_changed()
    keys = lasting(entry.custom).keys() | TRACES
    if len(keys) > METADATA_KEYS - OWN_ROOM:
        raise Invalid(
            f"The secret's metadata would have {len(keys)} keys; the limit is {METADATA_KEYS}, two of them for STATUS.",
            hint="Remove keys of your own with: bao kv metadata patch -remove-custom-metadata=KEY …",
        )
    live = live_versions(entry, act.now)
    if live and live[0] > MOST_FILLERS:
        raise Invalid(
            f"The secret's oldest value is of version {live[0]}; numbering can be kept up to {MOST_FILLERS}.",
            hint="Create a new secret under the other name.",
        )


def _being_changed() -> Conflict:
    return Conflict("Somebody is changing the secret in these moments.", hint="Look at it again, then repeat.")


async def _open(carriage: Carriage, entry: Metadata, crossing: bool) -> None:
    """The intent, with the person's own token: Vault decides, and logs, whether they may. Then the new name.

    Two acts on one secret each write theirs first and look for the other's then, so one of them sees the other.
    """
    act, mark = carriage.act, carriage.mark
    if crossing:
        places = {JOURNAL_FROM: carriage.source.path, JOURNAL_TO: carriage.to.path}
        await act.store.create_custom(mark.journal, {**places, RENAMED: mark.record.encode()})
    try:
        await act.store.patch_custom(carriage.source, mark.encode(), seen=entry)
        await check_may_copy(act, carriage.source)
        now = await act.store.metadata(carriage.source)
        if pending(now.custom) or any(not key.startswith(mark.key) for key in mark_keys(now.custom)):
            raise _being_changed()
        await claim(act, carriage.to, carriage.new_mark.encode(), adopt=False)
    except StatusError:
        await withdraw(act, mark, carriage.source, carriage.to)
        raise


async def _carry(carriage: Carriage) -> None:
    act, mark = carriage.act, carriage.mark
    try:
        await carriage.carry()
    except StatusError as error:
        if await _is_untouched(carriage, error):
            await withdraw(act, mark, carriage.source, carriage.to)
            raise
        if isinstance(error, Conflict):
            raise
        raise OutcomeUnknown(f"The secret is half way: {error.detail}", hint=half_done().hint) from None
    for _ in range(2):
        with suppress(StatusError):  # it is done; what is left of the mark goes with the next look
            await close(act, carriage.to, mark)
            break


async def _is_untouched(carriage: Carriage, error: StatusError) -> bool:
    """Whether the new place has no version of ours."""
    if carriage.begun:
        return False
    try:
        return isinstance(error, Conflict) or (await carriage.act.store.metadata(carriage.to)).current_version == 0
    except StatusError:
        return False
