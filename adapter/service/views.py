"""A secret as it is shown: Vault's metadata of an entry as a `SecretView`."""

from __future__ import annotations

from datetime import datetime

from adapter.model import details
from adapter.model.address import Address, ScopeKind
from adapter.model.backup import RESTORING
from adapter.model.moves import COPIED_TIMES, CREATED_AT, copied_up_to, decode_times, mark_keys
from adapter.model.records import Origin, VersionRecord, iso, parse_time, record_key
from adapter.model.wire import SecretView
from adapter.service.values import facts_of
from adapter.vault.answers import Metadata, VersionMeta


def version_state(version: VersionMeta, now: datetime, *, current: bool) -> str:
    """`destroyed`, `deleted` (a deletion time that is past), `current` or `earlier`."""
    if version.destroyed:
        return "destroyed"
    gone = parse_time(version.deletion_time) if version.deletion_time else None
    if gone is not None and gone <= now:
        return "deleted"
    return "current" if current else "earlier"


def version_time(entry: Metadata, number: int) -> str:
    """When a version was made: of one that a rename has copied, or a restore brought back, that of its original."""
    record = VersionRecord.decode(entry.custom.get(record_key(number), ""))
    if record is not None and record.op is Origin.RESTORED and (moment := parse_time(record.at)) is not None:
        return iso(moment)
    if number <= copied_up_to(entry.custom):
        copied = decode_times(entry.custom.get(COPIED_TIMES, "")).get(number)
        if copied is not None:
            return iso(copied)
    return _time(entry.versions[str(number)].created_time)


def secret_time(entry: Metadata) -> str:
    """When a secret was created, under whatever name."""
    carried = parse_time(entry.custom.get(CREATED_AT, ""))
    return iso(carried) if carried else _time(entry.created_time)


def view(address: Address, entry: Metadata, now: datetime) -> SecretView:
    """What of an entry may be shown to whoever may view it; nothing invented where nothing is known."""
    custom = entry.custom
    current = entry.versions.get(str(entry.current_version))
    record = VersionRecord.decode(custom.get(record_key(entry.current_version), ""))
    first = VersionRecord.decode(custom.get(record_key(1), ""))
    expires = details.expiry_of(custom.get(details.EXPIRES_AT, ""))
    scope = address.scope
    flags = [] if details.TYPE in custom else ["unclassified"]
    if entry.current_version == 0:
        flags.append("no_value")
    elif record is None or not record.by:
        flags.append("record_missing")
    if expires is None and custom.get(details.EXPIRES_AT):
        flags.append("expiry_unreadable")
    if mark_keys(custom):
        flags.append("moving")
    if RESTORING in custom:
        flags.append("restoring")
    return SecretView(
        id=address.id,
        name=address.name,
        type=custom.get(details.TYPE, details.UNCLASSIFIED).upper(),
        environment=scope.label if scope and scope.kind is ScopeKind.ENVIRONMENT else None,
        scope=str(scope) if scope else "",
        description=custom.get(details.DESCRIPTION, ""),
        created_by=custom.get(details.CREATED_BY) or (first.by or None if first else None),
        created_at=secret_time(entry),
        updated_at=_time(entry.updated_time),
        rotated_at=version_time(entry, entry.current_version) if current else _time(entry.updated_time),
        version=entry.current_version,
        changed_by=record.by or None if record else None,
        reason=(record.why or None) if record else None,
        state=version_state(current, now, current=True) if current else "deleted",
        expires_at=iso(expires) if expires else None,
        expired=expires is not None and expires <= now,
        rotate_every=custom.get(details.ROTATE_EVERY),
        tags=details.split_tags(custom.get(details.TAGS, "")),
        usage=custom.get(details.USAGE, ""),
        facts=facts_of(entry),
        flags=flags,
    )


def _time(text: str) -> str:
    moment = parse_time(text)
    return iso(moment) if moment else text
