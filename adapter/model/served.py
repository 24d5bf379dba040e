"""What a caller is given of a version, and the words for what they are not given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapter.errors import NotAllowed, NotFound
from adapter.model.address import Address
from adapter.model.details import EXPIRES_AT, expiry_of

VALUE = "value"


@dataclass(frozen=True, slots=True, repr=False)
class Served:
    """One version that the caller was given; `data` has its fields as they are stored."""

    version: int
    expired: bool
    data: Mapping[str, Any]

    def field(self, name: str | None = None) -> str:
        """A field's text, the value's without a name. Raises NotFound, with the names that there are."""
        wanted = VALUE if name is None else name
        if wanted not in self.data:
            names = ", ".join(sorted(key for key in self.data if key.isprintable()))
            hint = f"It has: {names}. Name one of them." if names else "Update its value."
            raise NotFound("This version of the secret has no such field.", hint=hint)
        return as_text(self.data[wanted])

    def further_fields(self) -> dict[str, str]:
        return {name: as_text(value) for name, value in self.data.items() if name != VALUE}

    def found(self, field: str | None = None) -> Found:
        """Raises as `field`."""
        return Found(self.field(field), self.version, self.expired)


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """What a reference resolved to."""

    value: str
    version: int
    expired: bool


def as_text(value: object) -> str:
    """A field as text: the CLI can write numbers and objects."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def has_expired(custom: Mapping[str, str], now: datetime) -> bool:
    ends = custom.get(EXPIRES_AT)
    moment = expiry_of(ends) if ends else None
    return moment is not None and moment <= now


def expired_refused(address: Address) -> NotAllowed:
    return NotAllowed(
        f"The secret has expired, and {address.scope} hands out no expired ones.",
        hint="Update its value or its expiry; an ADMIN can let the scope serve expired secrets.",
    )


def use_refused(address: Address) -> NotAllowed:
    """For who may view a secret and not use it."""
    place = address.scope or "places outside every scope"
    return NotAllowed(
        f"Reading the value of secrets in {place} needs the right use there, which you do not hold.",
        hint="An ADMIN can grant use to a component; people replace values, and do not read them.",
    )


def version_gone(*, destroyed: bool) -> NotFound:
    """For a version that was there once."""
    if destroyed:
        return NotFound("That version of the secret was destroyed.", hint="Ask for another, or update the value.")
    return NotFound("That version of the secret is deleted.", hint="Undelete it, or ask for another.")


def version_not_found(current: int) -> NotFound:
    """For a version of a secret that the caller may view."""
    return NotFound(
        "The secret has no such version, or that one is deleted.", hint=f"The current one is version {current}."
    )
