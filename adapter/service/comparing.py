"""Compare two versions of a secret for somebody who may not read them: an act with an intent of its own, and no use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from adapter.errors import Invalid, StatusError
from adapter.model.address import Address
from adapter.model.comparing import Comparison, FieldChange
from adapter.model.intents import PREFIX, reading_note
from adapter.model.records import iso, records_digest
from adapter.model.roles import Role
from adapter.service.app import Act
from adapter.service.copying import Job, check_may_copy, copying_store
from adapter.service.fields import check_key_count
from adapter.service.listing import look
from adapter.service.refusals import explained, place_of
from adapter.service.versions import version_not_found
from adapter.service.views import version_state
from adapter.service.writing import finish_pending
from adapter.vault.answers import Metadata


async def compare(act: Act, address: Address, source: int, to: int) -> Comparison:
    """Which fields differ between two versions. Raises Invalid for one that is gone, NotAllowed, NotFound."""
    if source == to:
        raise Invalid.field("to", "That is one and the same version.", hint="Choose two different ones.")
    with explained("Comparing versions", place_of(address), Role.DEVELOPER):
        entry = await finish_pending(act, address, await look(act, address))
        for field, number in (("from", source), ("to", to)):
            _check_there(act, entry, field, number)
        check_key_count(entry, {})
        job = Job("compared", address, records_digest(entry.custom, [source, to]))
        async with _intent(act, address, [source, to]):
            await check_may_copy(act, address)
            async with copying_store(act, job, address, 2) as store:
                before, after = await store.stored(address, source), await store.stored(address, to)
    fields = _differences(before, after)
    return Comparison(source=source, to=to, same=not fields, fields=fields)


def _check_there(act: Act, entry: Metadata, field: str, number: int) -> None:
    version = entry.versions.get(str(number))
    if version is None:
        raise version_not_found()
    state = version_state(version, act.now, current=number == entry.current_version)
    if state in ("deleted", "destroyed"):
        hint = "Undelete it first." if state == "deleted" else "Its value is gone for good; choose another one."
        raise Invalid.field(field, f"Version {number} is {state}, so there is nothing to compare.", hint=hint)


@asynccontextmanager
async def _intent(act: Act, address: Address, versions: list[int]) -> AsyncIterator[None]:
    """Written with the caller's own token, so Vault decides, and logs, whether they may; cleared at the end."""
    key = PREFIX + act.session.caller.request_id[:12]
    by = (await act.identity()).name
    note = reading_note("compared", by, iso(act.now), act.reason, versions)
    await act.store.patch_custom(address, {key: note})
    try:
        yield
    finally:
        with suppress(StatusError):
            await act.store.patch_custom(address, {key: None})


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[FieldChange]:
    found = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            found.append(FieldChange(field=name, change="added"))
        elif name not in after:
            found.append(FieldChange(field=name, change="removed"))
        elif before[name] != after[name]:
            found.append(FieldChange(field=name, change="changed"))
    return found
