"""The intent of an act, in `custom_metadata` while the act goes on: what a later look needs to finish it.

Each request has a key of its own, `pending_<id>`, so two acts at once never overwrite each other's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapter.errors import Invalid
from adapter.model.records import VersionRecord, decode_note, encode_note, parse_time, record_key

PREFIX = "pending_"

CREATING = "creating"
"""Stands in an entry of ours until its first value is there: the id of the request, or `-` for one that was refused."""

ABANDONED_AFTER = timedelta(minutes=5)
"""No act takes longer: an older intent belongs to one that ended, and a later version to somebody else."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""How far the vault's clock may be behind the adapter's."""


@dataclass(frozen=True, slots=True)
class Intent:
    """`record` shall stand as version `to`'s record once that version is there."""

    key: str
    to: int
    record: VersionRecord

    @classmethod
    def of(cls, request_id: str, to: int, record: VersionRecord) -> Intent:
        return cls(PREFIX + request_id[:12], to, record)

    def encode(self) -> str:
        """The record's JSON with `to` before it. Raises Invalid when the reason makes it longer than 512 bytes."""
        return self.record.encode(before={"to": self.to})

    def may_have_made(self, created: datetime) -> bool:
        """Whether a version of that moment can be this act's."""
        begun = parse_time(self.record.at)
        return begun is not None and begun - CLOCKS_DIFFER <= created <= begun + ABANDONED_AFTER

    def is_abandoned(self, now: datetime) -> bool:
        begun = parse_time(self.record.at)
        return begun is None or not now - ABANDONED_AFTER <= begun <= now + CLOCKS_DIFFER


def reading_note(act: str, by: str, at: str, why: str, versions: Sequence[int]) -> str:
    """The intent of an act that changes nothing and reads for somebody: `compared`. Raises Invalid as a record does."""
    body: dict[str, object] = {"act": act, "versions": list(versions), "by": by, "at": at}
    return encode_note(body | ({"why": why} if why else {}))


def _is_left(key: str, text: str, now: datetime) -> bool:
    """Whether this is the intent of a reading act that ended before it could clear it away."""
    note = decode_note(text) if key.startswith(PREFIX) else {}
    at = parse_time(str(note.get("at"))) if "act" in note else now
    return at is None or not now - ABANDONED_AFTER <= at <= now + CLOCKS_DIFFER


def pending(custom: Mapping[str, str]) -> list[Intent]:
    """The intents that stand in an entry; what is none of ours is passed over."""
    found = []
    for key, text in custom.items():
        record = VersionRecord.decode(text) if key.startswith(PREFIX) else None
        to = decode_note(text).get("to") if record else None
        if record is not None and type(to) is int:
            found.append(Intent(key, to, record))
    return found


def settled(custom: Mapping[str, str], created: Mapping[int, datetime], now: datetime) -> dict[str, str | None]:
    """The changes that finish, or clear away, what is pending; empty when there is nothing to do.

    `created`: when each version that is there was made. A version gets the record of the one intent that speaks of
    it and can have made it; where two speak of one, the log alone knows the author.
    """
    intents = pending(custom)
    newest = max(created, default=0)
    changes: dict[str, str | None] = {CREATING: None} if newest and CREATING in custom else {}
    changes |= {key: None for key, text in custom.items() if _is_left(key, text, now)}
    for intent in intents:
        if intent.to > newest:
            if intent.is_abandoned(now):
                changes[intent.key] = None
            continue
        changes[intent.key] = None
        alone = [other for other in intents if other.to == intent.to] == [intent]
        moment = created.get(intent.to)
        if record_key(intent.to) not in custom and alone and moment and intent.may_have_made(moment):
            with suppress(Invalid):
                changes[record_key(intent.to)] = intent.record.encode()
    return changes
