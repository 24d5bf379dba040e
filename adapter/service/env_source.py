"""The entries of a `.env` file, read by python-dotenv's parser; `${NAME}` stays as it is written."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from dotenv.parser import Binding, parse_stream
from pydantic import SecretStr

from adapter.model.wire import SecretCreate
from adapter.service.candidates import Candidate, candidate, guess_type

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
"""What is repeated as a name: a line of a value that went astray is not."""

_NO_LINES = "A value of several lines stands in quotation marks."


def env_candidates(text: SecretStr) -> list[Candidate]:
    """An entry a variable, in the file's order; what cannot be read is refused by its line."""
    bindings = parse_stream(io.StringIO(text.get_secret_value()))
    return [_entry(one) for one in _whole(bindings) if one.error or one.key is not None]


def _whole(bindings: Iterator[Binding]) -> Iterator[Binding]:
    """The bindings, without the lines of a PEM block that lacks its quotation marks: those are no names."""
    for one in bindings:
        yield one
        if _begins_block(one):
            for inner in bindings:
                if "-----END " in inner.original.string:
                    break


def _begins_block(one: Binding) -> bool:
    text = one.original.string
    return "-----BEGIN " in text and "-----END " not in text


def _entry(one: Binding) -> Candidate:
    source = f"line {one.original.line}"
    if _begins_block(one) or one.error or one.key is None or not _NAME.fullmatch(one.key):
        reason = _NO_LINES if _begins_block(one) else "This is no line of the form NAME=value."
        named = one.key is not None and _NAME.fullmatch(one.key)
        return Candidate(one.key if named and one.key else source, source, refused=reason)
    if one.value is None:  # what stands there may be a value that went astray
        return Candidate(source, source, refused="There is no value: write NAME=value.")
    value = SecretStr(one.value)
    body = SecretCreate(name=one.key, type=guess_type(one.key, value), value=value)
    return candidate(one.key, source, body, guessed=True)
