"""A random value for the create form."""

from __future__ import annotations

import secrets
import string

from pydantic import SecretStr

LENGTH = 24
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.")


def random_value(length: int = LENGTH) -> SecretStr:
    """`length` characters with each class present: about 6 bits each; none needs quoting in shells or URLs."""
    alphabet = "".join(_CLASSES)
    while True:
        text = "".join(secrets.choice(alphabet) for _ in range(length))
        if all(any(char in group for char in text) for group in _CLASSES):
            return SecretStr(text)
