"""JSON Schema (draft 2020-12) from users: nothing is fetched, and a check ends after so many steps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapter.errors import Invalid
from adapter.secret_types._patterns import compile_pattern
from adapter.secret_types._text import attempt

DIALECT = "https://json-schema.org/draft/2020-12/schema"

REFERENCES = ("$ref", "$dynamicRef")
UNSUPPORTED = ("$schema", "$id", "$vocabulary", "unevaluatedItems", "unevaluatedProperties")
"""`$schema` and `$id` inside would change the dialect or the base; `unevaluated…` takes steps that nobody counts."""


def parse_json(text: str) -> tuple[Any] | None:
    """The value in a tuple (null is a value too); None for what is not JSON, or too deeply nested to be read."""
    return attempt(lambda: (json.loads(text, parse_constant=_no_constant),), ValueError, RecursionError)


def _no_constant(_: str) -> None:
    raise ValueError  # NaN and Infinity are Python's, not JSON's


def _members(node: Any) -> Iterator[tuple[str, Any]]:
    """Every key of every object in a JSON value."""
    if isinstance(node, dict):
        yield from node.items()
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _members(child)


def _refused(reason: str, hint: str = "See https://json-schema.org, draft 2020-12.") -> Invalid:
    return Invalid.field("rule", reason, hint=hint)


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that is valid and refers to nothing outside itself."""

    body: dict[str, Any]

    @classmethod
    def of(cls, body: Any) -> Schema:
        """Raises Invalid for what is no schema, refers to another document, or uses what cannot be bounded."""
        if not isinstance(body, dict):
            raise _refused("The rule's schema is not a JSON object.")
        if body.get("$schema", DIALECT) != DIALECT:
            raise _refused("The rule's schema is of another dialect.", f"Leave out $schema, or write {DIALECT}")
        schema = cls({key: part for key, part in body.items() if key != "$schema"})
        for key, part in _members(schema.body):
            if key in REFERENCES and isinstance(part, str) and not part.startswith("#"):
                raise _refused("The rule's schema refers to another document.", "Write the definitions into $defs.")
            if key in UNSUPPORTED:
                raise _refused(f"The rule's schema uses {key}, which is not supported here.", "Write it without.")
        schema._check_itself()
        return schema

    def _check_itself(self) -> None:
        from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

        valid = attempt(
            lambda: Draft202012Validator(Draft202012Validator.META_SCHEMA).is_valid(self.body), RecursionError
        )
        if not valid:
            raise _refused("The rule's schema is not a valid JSON Schema.")
        for key, part in _members(self.body):
            patterns = [part] if key == "pattern" else part if key == "patternProperties" else ()
            if any(isinstance(pattern, str) and compile_pattern(pattern) is None for pattern in patterns):
                hint = "RE2's syntax holds: no look-around, no back references."
                raise _refused("A pattern in the rule's schema is not a valid regular expression.", hint)

    def fault(self, value: Any) -> str | None:
        """Why the value does not satisfy the schema, naming the keyword and nothing of the value; None if it does."""
        from adapter.secret_types._keywords import first_fault

        found = first_fault(self.body, value)
        if found is None:
            return "cannot be checked against the rule's schema: too large, or a reference leads nowhere"
        return f"does not satisfy '{found}' of the rule's schema" if found else None
