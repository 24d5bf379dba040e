"""The version record `vN` in `custom_metadata`: who made version N, when, why, and how."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from adapter.errors import Invalid
from adapter.model.text import METADATA_VALUE_BYTES, REASON_BYTES, check_line

_RECORD_KEY = re.compile(r"v[1-9][0-9]{0,8}")


class Origin(StrEnum):
    """How a version came to be; `OUTSIDE` is one written without STATUS."""

    CREATED = "created"
    UPDATED = "updated"
    ROLLED_BACK = "rolled_back"
    RENAMED = "renamed"
    RESTORED = "restored"
    OUTSIDE = "outside"


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as the API writes times: `2026-11-23T09:12:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime | None:
    """An ISO 8601 time, Vault's nanoseconds cut to microseconds; None for what is no time."""
    head, dot, fraction = text.rstrip("Z").partition(".")
    if dot and text.endswith("Z") and re.fullmatch(r"[0-9]{1,9}", fraction):
        text = f"{head}.{fraction[:6].ljust(6, '0')}+00:00"
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def decode_note(text: str) -> dict[str, object]:
    """The JSON object in a metadata value; empty for whatever else a person may have written there."""
    try:
        body = json.loads(text)
        json.dumps(body, ensure_ascii=False).encode()  # a lone surrogate could not be sent on
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def encode_note(body: Mapping[str, object]) -> str:
    """Compact JSON of at most 512 bytes. Raises Invalid when it is longer: the reason is what can be shortened."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > METADATA_VALUE_BYTES:
        raise Invalid.field(
            "reason",
            f"The reason does not fit into the version's record of {METADATA_VALUE_BYTES} bytes.",
            hint="Quotation marks and backslashes take two bytes each.",
        )
    return text


def records_digest(custom: Mapping[str, str], versions: Iterable[int]) -> str:
    """The SHA-256, in hex, of the records of these versions: what an act token copies is named by it in the log."""
    records = {record_key(number): custom.get(record_key(number)) for number in sorted(versions)}
    text = json.dumps(records, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """Self-declared: where Vault's audit log names another author, the log is right."""

    by: str
    at: str
    op: Origin
    why: str = ""
    source: int | None = None

    def encode(self, before: Mapping[str, object] | None = None) -> str:
        """Compact JSON of at most 512 bytes, after the keys of `before`. Raises Invalid when it is longer."""
        body: dict[str, object] = {**(before or {}), "by": self.by, "at": self.at}
        if self.why:
            body["why"] = self.why
        body["op"] = self.op.value
        if self.source is not None:
            body["from"] = self.source
        return encode_note(body)

    @classmethod
    def decode(cls, text: str) -> VersionRecord | None:
        """None for anything that is not such a record: a person can write what they like there."""
        body = decode_note(text)
        by, at, op = (body.get(key) for key in ("by", "at", "op"))
        why, source = body.get("why", ""), body.get("from")
        if not (isinstance(by, str) and isinstance(at, str) and isinstance(op, str) and op in set(Origin)):
            return None
        return cls(
            by=by,
            at=at,
            op=Origin(op),
            why=why if isinstance(why, str) else "",
            source=source if type(source) is int else None,
        )


def check_reason(reason: str | None) -> str:
    """The reason, stripped; empty when there is none. Raises Invalid with the limit or character named."""
    return check_line("reason", "reason", reason.strip(), REASON_BYTES) if reason else ""


def record_key(version: int) -> str:
    return f"v{version}"


def is_record_key(key: str) -> bool:
    return _RECORD_KEY.fullmatch(key) is not None


def keys_to_prune(custom_metadata: Iterable[str], oldest_live: int) -> list[str]:
    """The record keys below the oldest version that still exists."""
    return [key for key in custom_metadata if _RECORD_KEY.fullmatch(key) and int(key[1:]) < oldest_live]
