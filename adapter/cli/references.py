"""How a person names a secret on the command line."""

from __future__ import annotations

from adapter.errors import Invalid
from adapter.model.address import Address
from adapter.model.references import SCHEME, Reference


def parse_ref(text: str) -> Reference:
    """A reference, an address `environment/production/db`, or an id. Raises Invalid."""
    if text.startswith(SCHEME):
        return Reference.parse(text)
    if "/" not in text and "~" in text:
        return Reference(Address.from_id(text))
    try:
        return Reference.parse(SCHEME + text)
    except Invalid:
        raise Invalid(
            "That names no secret.",
            hint="Write secret://SCOPE/NAME, or SCOPE/NAME: environment/production/db_password.",
        ) from None
