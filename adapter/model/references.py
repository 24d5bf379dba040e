"""References to secrets in configurations: `secret://<scope>/<name>?version=N#field`.

In the path and in the field, every character outside the unreserved ones of RFC 3986 is percent-encoded (UTF-8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from adapter.errors import Invalid
from adapter.model.address import Address, is_possible_path

SCHEME = "secret://"
LENGTH = 4_000
"""The most characters that a reference may have."""

MOST_REFERENCES = 1_000
"""How many references one call takes."""

_FORM = re.compile(r"secret://([^?#]*)(?:\?version=([1-9][0-9]{0,15}))?(?:#(.+))?", re.DOTALL)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HINT = "Write it as secret://environment/production/db_password, with ?version=N and #field where wanted."


@dataclass(frozen=True, slots=True)
class Reference:
    """`version` None: the current one; `field` None: the field `value`. `str` is the inverse of `parse`."""

    address: Address
    version: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        version = f"?version={self.version}" if self.version is not None else ""
        field = f"#{quote(self.field, safe='')}" if self.field is not None else ""
        return f"{SCHEME}{quote(self.address.path, safe='/')}{version}{field}"

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Raises Invalid, saying what is wrong with it."""
        if len(text) > LENGTH:
            raise _invalid(f"The reference is {len(text)} characters long; the limit is {LENGTH}.")
        match = _FORM.fullmatch(text)
        if match is None:
            raise _invalid("That is no reference to a secret.")
        path, version, field = match.groups()
        address = Address(_decoded(path))
        if address.scope is None:
            raise _invalid("The reference names no scope, or no secret in it.")
        if not is_possible_path(address.path):
            raise _invalid("The reference's path is none that a secret can have.")
        return cls(address, int(version) if version else None, _decoded(field) if field is not None else None)


def _decoded(text: str) -> str:
    if _BAD_PERCENT.search(text):
        raise _invalid("A % in the reference is not followed by two hex digits.")
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeError:
        raise _invalid("The reference is no UTF-8.") from None


def _invalid(detail: str) -> Invalid:
    return Invalid(detail, hint=_HINT)
