"""The contract of a type: what a caller submits, and what is stored and shown for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr
from pydantic.alias_generators import to_camel

from adapter.errors import Invalid

VALUE = "value"
"""The field that every secret has."""

FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
"""What a field may be called; only such a name is repeated in an error."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What the caller sent: the value, the type's further fields, and options that are not stored as fields."""

    value: SecretStr | None = None
    fields: Mapping[str, SecretStr] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of_stored(cls, stored: Mapping[str, SecretStr], options: Mapping[str, object] | None = None) -> Submission:
        """The submission that a stored version amounts to: preparing it gives the same fields again."""
        further = {name: text for name, text in stored.items() if name != VALUE}
        return cls(stored.get(VALUE), further, options or {})


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is stored (`fields`, of which `value` is always one) and what may be seen by whoever sees the metadata.

    `facts` go to `custom_metadata`, one printable line each, of at most 512 bytes but for a public key; `expires_at` is
    ISO 8601.
    """

    fields: dict[str, SecretStr]
    facts: dict[str, str] = field(default_factory=dict)
    expires_at: str | None = None


class SecretType(Protocol):
    """A module of this package.

    `NAMES`: the type on the wire and its older spellings, in upper case; `LABEL`: as people read it.
    `FIELDS`: its further fields, None for any; `OPTIONS`: its options; `FACTS`: every metadata key it may derive,
    so that those of an earlier version or type can be removed.
    """

    NAMES: tuple[str, ...]
    LABEL: str
    FIELDS: tuple[str, ...] | None
    OPTIONS: tuple[str, ...]
    FACTS: tuple[str, ...]

    @staticmethod
    def prepare(submission: Submission, now: datetime) -> Prepared:
        """What is stored for a submission. Raises Invalid with the field and the reason, never with a value."""
        ...


def api_name(name: str) -> str:
    """A field or option as the API spells it."""
    return to_camel(name) if FIELD_NAME.fullmatch(name) else "fields"


def check_names(label: str, submission: Submission, fields: tuple[str, ...], options: tuple[str, ...]) -> None:
    """Refuse a field or option that the type does not have."""
    for name in submission.fields:
        if name not in fields:
            taken = ", ".join(map(api_name, fields))
            hint = f"Further fields: {taken}." if taken else "Leave it out, or choose the type custom."
            raise Invalid.field(api_name(name), f"The type {label} has no such field.", hint=hint)
    for name in submission.options:
        if name not in options:
            raise Invalid.field(api_name(name), f"The type {label} has no such option.", hint="Leave it out.")


def text_option(options: Mapping[str, object], name: str) -> str | None:
    value = options.get(name)
    if value is None or isinstance(value, str):
        return value
    raise Invalid.field(api_name(name), "That option takes text.", hint="Send a string, or leave it out.")


def flag_option(options: Mapping[str, object], name: str) -> bool:
    value = options.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise Invalid.field(api_name(name), "That option is either true or false.", hint="Send true, or leave it out.")


def number_option(options: Mapping[str, object], name: str, least: int, most: int) -> int | None:
    value = options.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Invalid.field(
            api_name(name), f"That option is a whole number from {least} to {most}.", hint="Choose one of them."
        )
    return value


def check_range(name: str, label: str, value: int, least: int, most: int) -> None:
    """Refuse a number of a recipe that is out of its range."""
    if not least <= value <= most:
        raise Invalid.field(name, f"The {label} is from {least} to {most}.", hint="Choose a number between them.")
