"""The metadata that a restored secret gets: its own, with its records telling that the versions were restored."""

from __future__ import annotations

from dataclasses import replace

from adapter.errors import Invalid
from adapter.model.backup import SavedSecret, SavedVersion
from adapter.model.moves import CREATED_AT
from adapter.model.records import Origin, VersionRecord, is_record_key, iso, parse_time, record_key
from adapter.service.fields import METADATA_KEYS


def restored_custom(saved: SavedSecret) -> dict[str, str]:
    """What `custom_metadata` shall be, the details first."""
    details = {key: text for key, text in saved.custom_metadata.items() if not is_record_key(key)}
    created = parse_time(saved.created_at)
    if created and len(saved.custom_metadata) < METADATA_KEYS - 1:
        details.setdefault(CREATED_AT, iso(created))
    return details | restored_records(saved, 1)


def restored_records(saved: SavedSecret, first: int) -> dict[str, str]:
    """The records of the versions from `first` on; author, time and reason are those of the backup.

    A version of which nobody is known gets one without an author, for its time, where there is room for that.
    """
    found = {}
    room = METADATA_KEYS - 1 - len(saved.custom_metadata)
    for one in saved.versions:
        key = record_key(one.version)
        known = VersionRecord.decode(saved.custom_metadata.get(key, ""))
        if one.version < first or (known is None and room <= 0):
            continue
        room -= known is None
        found[key] = _fitted(known or _of_nobody(one))
    return found


def _of_nobody(one: SavedVersion) -> VersionRecord:
    created = parse_time(one.created_at)
    return VersionRecord(by="", at=iso(created) if created else "", op=Origin.RESTORED)


def _fitted(record: VersionRecord) -> str:
    """`restored` may be longer than what stood there, so that the end of a reason no longer fits."""
    record = replace(record, op=Origin.RESTORED, source=None)
    while True:
        try:
            return record.encode()
        except Invalid:
            if len(record.why) > 5:
                record = replace(record, why=f"{record.why[:-5]}…")
            else:
                record = replace(record, why="", by=record.by[: None if record.why else -1])
