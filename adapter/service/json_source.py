"""The entries of a JSON import: an object of values or of secrets by name, or an array like the export's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import SecretStr, ValidationError

from adapter.errors import Invalid
from adapter.model.wire import SecretCreate, SecretView, Wire
from adapter.service.candidates import Candidate, candidate, guess_type, shown


def _names(kind: type[Wire]) -> set[str]:
    return {field.alias or name for name, field in kind.model_fields.items()}


OF_THE_EXPORT = frozenset(_names(SecretView) - _names(SecretCreate) | {"scope", "environment"})
"""What an export says and an import passes over: the scope is the import's, the rest follows from the value."""

OF_THE_IMPORT = frozenset({"reason"})


class _Object(dict[str, Any]):
    """A JSON object that knows which of its keys stood there more than once."""

    repeated: frozenset[str] = frozenset()


def json_candidates(content: SecretStr | dict[str, Any] | list[Any]) -> list[Candidate]:
    """An entry a secret, in the file's order. Raises Invalid for what is no such JSON."""
    body = _parsed(content) if isinstance(content, SecretStr) else content
    if isinstance(body, list):
        return [_of_array(item, f"entry {number}") for number, item in enumerate(body, 1)]
    if not isinstance(body, dict):
        raise _no_secrets()
    repeated = body.repeated if isinstance(body, _Object) else frozenset()
    return [_entry(name, item, "", repeated=name in repeated) for name, item in body.items()]


def _parsed(text: SecretStr) -> Any:
    try:
        return json.loads(text.get_secret_value(), object_pairs_hook=_object)
    except (ValueError, RecursionError):
        pass  # the error holds the text
    raise Invalid.field("content", "The content is no JSON.", hint="Check it with: python -m json.tool FILE")


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found.repeated = frozenset(name for name in found if names.count(name) > 1)
    return found


def _no_secrets() -> Invalid:
    hint = 'Send {"NAME": "value", …}, {"NAME": {"type": …, "value": …}, …} or [{"name": …, "value": …}, …].'
    return Invalid.field("content", "The content holds no secrets that an import can read.", hint=hint)


def _of_array(item: object, place: str) -> Candidate:
    if not isinstance(item, dict):
        return Candidate(place, place, refused="This is no JSON object.")
    name = item.get("name")
    if not isinstance(name, str) or not name.strip():
        return Candidate(place, place, refused="The name is missing.")
    return _entry(name, item, place, repeated=False)


def _entry(name: str, item: object, place: str, *, repeated: bool) -> Candidate:
    if repeated or (isinstance(item, _Object) and item.repeated):
        what = "This name" if repeated else "One of its fields"
        return Candidate(shown(name), place, refused=f"{what} stands there more than once.")
    if isinstance(item, str):
        value = SecretStr(item)
        return candidate(name, place, SecretCreate(name=name, type=guess_type(name, value), value=value), guessed=True)
    if not isinstance(item, dict):
        return Candidate(shown(name), place, refused="The value is no text: write it in quotation marks.")
    return _described(name, item, place)


def _described(name: str, item: dict[str, Any], place: str) -> Candidate:
    wanted = {key: part for key, part in item.items() if key not in OF_THE_EXPORT and part is not None}
    if wanted.keys() & OF_THE_IMPORT:
        return Candidate(shown(name), place, refused="The reason is given for the whole import, not for an entry.")
    value = wanted.get("value")
    if "type" not in wanted:
        wanted["type"] = guess_type(name, SecretStr(value)) if isinstance(value, str) else "CUSTOM"
    try:
        body = SecretCreate.model_validate(wanted | {"name": name})
    except ValidationError as error:
        return Candidate(shown(name), place, refused=_why(error.errors(include_input=False, include_url=False)))
    return candidate(name, place, body, guessed=item.get("type") is None)


def _why(errors: Iterable[Any]) -> str:
    """The first field that does not fit. Unknown fields are input, so they are not repeated."""
    first = next(iter(errors))
    if first["type"] == "extra_forbidden":
        return "It has a field that an import does not know."
    return f"The field {first['loc'][0]} is not of the right kind."
