"""Where references stand in a text, or in any JSON document."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from adapter.errors import Invalid, TooLarge
from adapter.model.references import SCHEME, Reference

MOST_LEVELS = 100
"""How deep a document may be nested."""

_EMBEDDED = re.compile(r"\$\{(secret://[^{}]*)\}")
_OPENING = "${" + SCHEME


@dataclass(frozen=True, slots=True)
class Spot:
    """A string that holds references; `path` is its JSON Pointer (RFC 6901), `holder[key]` its place."""

    path: str
    text: str
    holder: Any
    key: Any

    def references(self) -> list[str]:
        """The texts of its references, in order."""
        return references_in(self.text)


def too_deep() -> TooLarge:
    return TooLarge(f"The body is nested more than {MOST_LEVELS} levels deep.", hint="Send something flatter.")


def spots(holder: list[Any]) -> Iterator[Spot]:
    """Every string with references below `holder[0]`, in order. Raises TooLarge when it is nested too deeply.

    Raises Invalid for a number that JSON does not know.
    """
    waiting: list[tuple[str, int, Any, Any]] = [("", 0, holder, 0)]
    while waiting:
        path, level, place, key = waiting.pop()
        value = place[key]
        if isinstance(value, str):
            if value.startswith(SCHEME) or _OPENING in value:
                yield Spot(path, value, place, key)
        elif isinstance(value, dict | list):
            if level >= MOST_LEVELS:
                raise too_deep()
            keys = list(value) if isinstance(value, dict) else range(len(value))
            waiting.extend((f"{path}/{_escaped(inner)}", level + 1, value, inner) for inner in reversed(keys))
        elif isinstance(value, float) and not math.isfinite(value):
            raise Invalid("The body has a number that JSON does not know.", hint="Send null, or a text.")


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def references_in(text: str) -> list[str]:
    """The references in a string: the whole of it, or each embedded one."""
    return [text] if text.startswith(SCHEME) else embedded_in(text)


def embedded_in(text: str) -> list[str]:
    """The references `${secret://…}` in a text; one that is not closed counts as one."""
    found = _EMBEDDED.findall(text)
    return found if text.count(_OPENING) == len(found) else [*found, _OPENING]


def filled(text: str, value_of: Callable[[str], str]) -> str:
    """The string with each reference's value in its place; what comes out of a value is not looked at again."""
    return value_of(text) if text.startswith(SCHEME) else filled_embedded(text, value_of)


def filled_embedded(text: str, value_of: Callable[[str], str]) -> str:
    return _EMBEDDED.sub(lambda match: value_of(match[1]), text)


def parsed(text: str) -> Reference | Invalid:
    """A reference, or what is wrong with it."""
    if text == _OPENING:
        return Invalid("A ${secret:// has no closing }.", hint="Write a } in a name or field as %7D.")
    try:
        return Reference.parse(text)
    except Invalid as error:
        return error
