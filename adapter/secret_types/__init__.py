"""The types of secrets, a module each: what one takes, and which fields it keeps. Adding a type is adding a file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, cast

from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types._base import Prepared, SecretType, Submission

if TYPE_CHECKING:
    from adapter.secret_types._files import Recognised

__all__ = ["Prepared", "SecretType", "Submission", "recognise", "secret_type", "types"]


@cache
def types() -> dict[str, SecretType]:
    """Every type under each name that it answers to."""
    found: dict[str, SecretType] = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            kind = cast(SecretType, importlib.import_module(f"{__name__}.{module.name}"))
            found |= dict.fromkeys(kind.NAMES, kind)
    return found


def secret_type(name: str) -> SecretType:
    """The type of that name, in whatever case. Raises Invalid, naming those there are."""
    kind = types().get(name.upper())
    if kind is None:
        raise Invalid.field("type", "That type is not known.", hint=f"Known types: {', '.join(sorted(types()))}.")
    return kind


def recognise(files: Mapping[str, SecretStr]) -> list[Recognised]:
    """What PEM and SSH files are, by file name: certificates with their chains and keys, SSH keys, or neither."""
    from adapter.secret_types._files import recognise

    return recognise(files)
