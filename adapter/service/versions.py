"""A secret's versions: history, rollback, soft delete, undelete, destroy."""

from __future__ import annotations

from datetime import datetime

from adapter.errors import Invalid, NotFound
from adapter.model.address import Address
from adapter.model.records import Origin, VersionRecord, check_reason, record_key, records_digest
from adapter.model.roles import Role
from adapter.model.wire import SecretPatch, VersionCreate, VersionView
from adapter.service.app import Act
from adapter.service.changing import edit_secret
from adapter.service.copying import Job, check_may_copy, copying_store
from adapter.service.fields import Changes, check_key_count, new_record
from adapter.service.listing import find, look
from adapter.service.reasons import REASON_MISSING, asks_for_reason, check_reason_given
from adapter.service.refusals import explained, place_of
from adapter.service.values import facts_of_stored
from adapter.service.views import version_state, version_time
from adapter.service.witness import made_by_log, with_author
from adapter.service.writing import add_version, check_seen, finish_pending
from adapter.vault.answers import Metadata, Written

COPYING_USES = 2
"""A rollback reads once and writes once."""


async def history(act: Act, address: Address) -> list[VersionView]:
    """Every version that the vault keeps, newest first; read without ever fetching a value."""
    entry = await finish_pending(act, address, await find(act, address))
    made = await made_by_log(act, address.path)
    asked = await asks_for_reason(act, address)
    numbers = sorted(map(int, entry.versions), reverse=True)
    shown = [with_author(_view(entry, number, act.now), entry, made) for number in numbers]
    return [_with_flag(version) if asked and not version.reason else version for version in shown]


def _with_flag(version: VersionView) -> VersionView:
    return version.model_copy(update={"flags": [*version.flags, REASON_MISSING]})


def _view(entry: Metadata, number: int, now: datetime) -> VersionView:
    version = entry.versions[str(number)]
    record = VersionRecord.decode(entry.custom.get(record_key(number), ""))
    return VersionView(
        version=number,
        created_at=version_time(entry, number),
        created_by=(record.by or None) if record else None,
        reason=(record.why or None) if record else None,
        state=version_state(version, now, current=number == entry.current_version),
        origin=str(record.op if record else Origin.OUTSIDE),
        rolled_back_from=record.source if record and record.op is Origin.ROLLED_BACK else None,
        flags=[] if record and record.by else ["record_missing"],
    )


async def _seen(act: Act, address: Address, number: int) -> VersionView:
    entry = await find(act, address)
    if str(number) not in entry.versions:
        raise version_not_found()
    return _view(entry, number, act.now)


def version_not_found() -> NotFound:
    return NotFound("There is no such version.", hint="The vault keeps a secret's newest versions only.")


async def update_value(act: Act, address: Address, body: VersionCreate) -> VersionView:
    """A new version with a new value. Raises Conflict when somebody was faster, Invalid, NotFound."""
    if body.value is None and not body.fields:
        raise Invalid.field("value", "The value is missing.", hint="Send the new value.")
    patch = SecretPatch(**{name: getattr(body, name) for name in body.model_fields_set})
    saved = await edit_secret(act, address, patch)
    return await _seen(act, address, saved.version)


async def roll_back(act: Act, address: Address, source: int, if_version: int | None) -> VersionView:
    """A new version that copies `source`, for a DEVELOPER who may not read it; history stays.

    Raises Conflict when somebody was faster, Invalid for a version that cannot be copied, NotAllowed, NotFound.
    """
    with explained("Rolling back", place_of(address), Role.DEVELOPER):
        entry = await finish_pending(act, address, await look(act, address))
        _check_source(entry, source, act.now)
        await check_seen(act, address, entry, if_version)
        await check_reason_given(act, address)
        record = await new_record(act, Origin.ROLLED_BACK, source)
        check_key_count(entry, {})
        job = Job("rolled_back", address, records_digest(entry.custom, [source]))

        facts: Changes = {}

        async def copy() -> Written:
            await check_may_copy(act, address)
            async with copying_store(act, job, address, COPYING_USES) as store:
                written, fields = await store.copy_version(address, source, cas=entry.current_version)
            facts.update(await facts_of_stored(act, entry, fields))
            return written

        version = await add_version(act, address, entry, record, facts, copy)
    return await _seen(act, address, version)


def _check_source(entry: Metadata, source: int, now: datetime) -> None:
    version = entry.versions.get(str(source))
    if version is None:
        raise version_not_found()
    if source == entry.current_version:
        raise Invalid.field("version", "That is the current version already.", hint="Choose an earlier one.")
    state = version_state(version, now, current=False)
    if state != "earlier":
        hint = "Undelete it first." if state == "deleted" else "Its value is gone for good; choose another one."
        raise Invalid.field("version", f"Version {source} is {state}, so there is nothing to copy.", hint=hint)


async def change_state(act: Act, address: Address, number: int, change: str) -> VersionView:
    """`delete` (soft), `undelete` or `destroy` one version. Raises Invalid, NotFound."""
    role = Role.ADMIN if change == "destroy" else Role.DEVELOPER
    words = {"delete": "Deleting versions", "undelete": "Undeleting versions", "destroy": "Destroying versions"}
    check_reason(act.reason)
    with explained(words[change], place_of(address), role):
        entry = await look(act, address)
        version = entry.versions.get(str(number))
        if version is None:
            raise version_not_found()
        if version.destroyed and change != "destroy":
            raise Invalid.field("version", "That version is destroyed.", hint="Its value is gone for good.")
        await check_reason_given(act, address)
        await act.store.change_versions(change, address, number)
    return await _seen(act, address, number)
