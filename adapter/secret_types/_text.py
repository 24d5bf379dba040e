"""What every type asks of a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.text import METADATA_VALUE_BYTES
from adapter.secret_types._base import VALUE, api_name

T = TypeVar("T")


def is_unicode(text: str) -> bool:
    """No lone surrogate, which no UTF-8 can carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_text(text: SecretStr | None, field: str = VALUE) -> SecretStr:
    """The text unchanged. Raises Invalid for a blank one, or one that is no valid Unicode."""
    if text is None or not text.get_secret_value().strip():
        raise Invalid.field(api_name(field), f"The {_label(field)} is empty.", hint="Enter what shall be kept.")
    if not is_unicode(text.get_secret_value()):
        raise Invalid.field(
            api_name(field),
            f"The {_label(field)} is no valid Unicode text (a lone surrogate).",
            hint="Encode bytes as base64 first.",
        )
    return text


def _label(field: str) -> str:
    return field.replace("_", " ") if api_name(field) != "fields" else "field"


def given(fields: Mapping[str, SecretStr], name: str) -> SecretStr | None:
    """A field that was filled in: forms send the ones left blank as empty text."""
    text = fields.get(name)
    return text if text is not None and text.get_secret_value() else None


def attempt(act: Callable[[], T], *errors: type[Exception]) -> T | None:
    """None in place of one of the errors.

    A parser's error may hold what it parsed (json's `doc`), and would hang on as the context of whatever is
    raised inside its `except` block.
    """
    try:
        return act()
    except errors:
        return None


def fit(text: str, limit: int = METADATA_VALUE_BYTES) -> str:
    """`text` as one metadata value: what cannot be printed as `?`, what is too long cut with an ellipsis."""
    line = "".join(char if char.isprintable() else "?" for char in text)
    if len(line.encode()) <= limit:
        return line
    return line.encode()[: limit - len("…".encode())].decode(errors="ignore") + "…"


def fit_list(items: list[str], limit: int = METADATA_VALUE_BYTES) -> str:
    """The items as one metadata value: as many as fit, then how many more there are."""
    lines = [fit(item) for item in items]
    for count in range(len(lines), 0, -1):
        rest = f" and {len(lines) - count} more" if count < len(lines) else ""
        text = ", ".join(lines[:count]) + rest
        if len(text.encode()) <= limit:
            return text
    return f"{len(lines)} entries" if lines else ""
