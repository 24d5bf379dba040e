"""The check of a value against a JSON Schema, its steps counted and its patterns run by re2."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable

from adapter.secret_types._patterns import affordable, compile_pattern
from adapter.secret_types._text import attempt

STEPS = 100_000
"""Keywords that one check may apply, about two seconds: references let a short schema ask for endless work."""

SIZE_OF_A_STEP = 50
"""Characters of a value that are as much work as a keyword: a message repeats its value, seen by nobody."""

Faults = Iterator[Any]
Keyword = Callable[[Any, Any, Any, Any], Faults | None]


class OutOfStepsError(Exception):
    """The check needs more work than it may take."""


def first_fault(schema: dict[str, Any], value: Any) -> str | None:
    """The first keyword that the value does not satisfy; empty when it satisfies all, None when nobody can tell."""
    sizes: dict[int, int] = {}
    left = STEPS

    def counted(keyword: Keyword) -> Keyword:
        def apply(validator: Any, part: Any, instance: Any, parent: Any) -> Faults:
            nonlocal left
            left -= 1 + (len(instance) if isinstance(instance, str) else sizes.get(id(instance), 0)) // SIZE_OF_A_STEP
            if left < 0:
                raise OutOfStepsError
            yield from keyword(validator, part, instance, parent) or ()

        return apply

    def check() -> str:
        _weigh(value, sizes)
        keywords = {name: counted(act) for name, act in (Draft202012Validator.VALIDATORS | OWN).items()}
        checker = extend(Draft202012Validator, keywords)(schema, registry=Registry())
        return next((str(fault.validator or "false") for fault in checker.iter_errors(value)), "")

    return attempt(check, OutOfStepsError, RecursionError, Unresolvable, ArithmeticError, ValueError)


def _weigh(value: Any, sizes: dict[int, int]) -> int:
    """The characters that a value takes, noted for each list and object in it."""
    if isinstance(value, dict):
        sizes[id(value)] = sum(len(key) + _weigh(part, sizes) for key, part in value.items()) + 2
    elif isinstance(value, list):
        sizes[id(value)] = sum(_weigh(part, sizes) + 1 for part in value) + 2
    else:
        return len(value) if isinstance(value, str) else 8
    return sizes[id(value)]


def _found(pattern: str, text: str) -> bool:
    compiled = compile_pattern(pattern)
    if compiled is None or not affordable(compiled, text):
        raise OutOfStepsError
    return compiled.search(text) is not None


def _pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Faults:
    if isinstance(instance, str) and not _found(pattern, instance):
        yield ValidationError("pattern")


def _pattern_properties(validator: Any, patterns: dict[str, Any], instance: Any, _: Any) -> Faults:
    if isinstance(instance, dict):
        for pattern, part in patterns.items():
            for key, child in instance.items():
                if _found(pattern, key):
                    yield from validator.descend(child, part)


def _additional_properties(validator: Any, part: Any, instance: Any, schema: Any) -> Faults:
    if isinstance(instance, dict):
        for key, child in instance.items():
            named = key in schema.get("properties", ())
            if not named and not any(_found(pattern, key) for pattern in schema.get("patternProperties", ())):
                yield from validator.descend(child, part)


def _unique_items(validator: Any, wanted: bool, instance: Any, _: Any) -> Faults:
    """By their canonical text, in which 1 and 1.0 are the same number: comparing each with each takes too long."""
    if wanted and isinstance(instance, list) and len({_canonical(item) for item in instance}) < len(instance):
        yield ValidationError("uniqueItems")


def _canonical(item: Any) -> str:
    return json.dumps(_whole(item), sort_keys=True)


def _whole(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _whole(part) for key, part in item.items()}
    if isinstance(item, list):
        return [_whole(part) for part in item]
    return int(item) if isinstance(item, float) and item.is_integer() else item


OWN: dict[str, Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
}
