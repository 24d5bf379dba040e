"""A new version of a secret: its intent first, then the value, then its record; each step may be the last.

The intent is written with the caller's own token, so Vault decides, and logs, whether the caller may. Should the
process end in between, whoever looks next and may change the secret finishes it (`finish_pending`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from adapter.errors import Conflict, OutcomeUnknown, StatusError, Unreachable
from adapter.model.address import Address
from adapter.model.intents import CREATING, PREFIX, Intent, pending, settled
from adapter.model.moves import mark_keys
from adapter.model.records import VersionRecord, keys_to_prune, parse_time, record_key
from adapter.model.roles import Role
from adapter.service.app import Act
from adapter.service.fields import Changes
from adapter.vault.answers import Metadata, Written

Write = Callable[[], Awaitable[Written]]


async def add_version(
    act: Act, address: Address, entry: Metadata, record: VersionRecord, changes: Changes, write: Write
) -> int:
    """Make version `entry.current_version + 1` with `write`, and its record; answers its number.

    Raises Conflict when somebody was faster, and what `write` raises; then the intent is taken back.
    """
    intent = Intent.of(act.session.caller.request_id, entry.current_version + 1, record)
    await act.store.patch_custom(address, {intent.key: intent.encode()})
    try:
        if mark_keys((await act.store.metadata(address)).custom):  # a rename was faster, and has seen no intent
            raise Conflict("The secret is being renamed.", hint="Look at it again, then repeat.")
        version = await _written(act, address, intent, write)
    except StatusError:
        with suppress(StatusError):
            await act.store.patch_custom(address, {intent.key: None})
        raise
    after = await act.store.metadata(address)
    pruned: Changes = dict.fromkeys(keys_to_prune(after.custom, after.oldest_version), None)
    await finish(act, address, version, {**changes, **pruned, intent.key: None, record_key(version): record.encode()})
    return version


async def _written(act: Act, address: Address, intent: Intent, write: Write) -> int:
    try:
        return (await write()).version
    except Conflict:
        raise await faster(act, address) from None
    except (OutcomeUnknown, Unreachable):
        if await was_made(act, address, intent):
            return intent.to
        raise


async def was_made(act: Act, address: Address, intent: Intent) -> bool:
    """Whether a write without a good answer took place all the same: Vault says 500 too when only its log failed."""
    now = await act.store.metadata(address)
    created = created_times(now).get(intent.to)
    rivals = [other for other in pending(now.custom) if other.to == intent.to and other.key != intent.key]
    return (
        created is not None and not rivals and record_key(intent.to) not in now.custom and intent.may_have_made(created)
    )


def created_times(entry: Metadata) -> dict[int, datetime]:
    """When each version of an entry was made, as Vault says."""
    times = {int(number): parse_time(version.created_time) for number, version in entry.versions.items()}
    return {number: moment for number, moment in times.items() if moment is not None}


async def faster(act: Act, address: Address) -> Conflict:
    """Who was faster, when and why, as far as the metadata knows."""
    with suppress(StatusError):
        entry = await act.store.metadata(address)
        record = VersionRecord.decode(entry.custom.get(record_key(entry.current_version), ""))
        by = f" by {record.by}" if record and record.by else ""
        why = f" ({record.why})" if record and record.why else ""
        return Conflict(
            f"Somebody was faster: version {entry.current_version} was made{by}{why}. Nothing was overwritten.",
            hint="Look at the new version, then repeat.",
        )
    return Conflict("Somebody was faster. Nothing was overwritten.", hint="Look at the new version, then repeat.")


async def check_seen(act: Act, address: Address, entry: Metadata, seen: int | None) -> None:
    """Raises Conflict when the caller saw another version than there is now."""
    if seen is not None and seen != entry.current_version:
        raise await faster(act, address)


async def finish(act: Act, address: Address, version: int, changes: Changes) -> None:
    """The record and details of a version that is there, tried again when an answer got lost."""
    for last in (False, True):
        try:
            await act.store.patch_custom(address, changes)
        except (OutcomeUnknown, Unreachable) as error:
            if last:
                raise OutcomeUnknown(
                    f"Version {version} was stored, but its record could not be: {error.detail}",
                    hint="The value is safe. The next look at the secret finishes the record.",
                ) from None
        else:
            return


async def finish_pending(act: Act, address: Address, entry: Metadata) -> Metadata:
    """The entry, after what an ended act left pending was finished, if the caller may; unchanged if not."""
    if CREATING not in entry.custom and not any(key.startswith(PREFIX) for key in entry.custom):
        return entry
    changes = settled(entry.custom, created_times(entry), act.now)
    if not changes or not await may_change(act, address):
        return entry
    with suppress(StatusError):
        await act.store.patch_custom(address, changes)
        return await act.store.metadata(address)
    return entry


async def may_change(act: Act, address: Address) -> bool:
    """Whether it is worth trying: Vault decides, but each refusal of it stands in its log under the reader's name."""
    identity = await act.identity()
    return identity.is_admin or identity.roles.get(str(address.scope)) is Role.DEVELOPER
