"""Checks that text must pass before it is written to `custom_metadata` or a header.

Vault takes 512 bytes a value and printable characters only (Go's `unicode.IsPrint`, which Python's
`str.isprintable` matches: no newline, tab, no-break space, zero-width joiner).
"""

from __future__ import annotations

import unicodedata

from adapter.errors import Invalid

METADATA_VALUE_BYTES = 512
REASON_BYTES = 300


def describe_character(char: str) -> str:
    """A character as a person can find it: its quoted self, or its code point and name."""
    if char.isprintable() and char != " ":
        return f"'{char}'"
    common = {" ": "a space", "\n": "a line break", "\r": "a line break", "\t": "a tab"}
    code = f"U+{ord(char):04X}"
    return common.get(char) or f"{code} ({unicodedata.name(char, 'control character').lower()})"


def first_unprintable(text: str) -> str | None:
    return next((char for char in text if not char.isprintable()), None)


def check_line(field: str, label: str, text: str, limit: int = METADATA_VALUE_BYTES) -> str:
    """`text` unchanged when it fits into one metadata value of at most `limit` bytes.

    Raises Invalid with the limit or the character named.
    """
    bad = first_unprintable(text)
    if bad is not None:
        hint = "Write it in one line, of printable characters and plain spaces."
        raise Invalid.field(field, f"The {label} may not contain {describe_character(bad)}.", hint=hint)
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise Invalid.field(field, f"The {label} is {size} bytes long; the limit is {limit}.", hint="Shorten it.")
    return text
