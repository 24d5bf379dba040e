"""What the tests of the types share: submitting plain text, and looking into errors for values."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

import pytest
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types import Prepared, Submission, secret_type

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)

Write = Callable[[str, str], str]


class Tool(Protocol):
    def __call__(self, *args: str, stdin: str = "") -> str: ...


def submit(
    type_name: str,
    value: str | None,
    fields: Mapping[str, str] | None = None,
    *,
    now: datetime = NOW,
    **options: object,
) -> Prepared:
    sent = {name: SecretStr(text) for name, text in (fields or {}).items()}
    return secret_type(type_name).prepare(Submission(None if value is None else SecretStr(value), sent, options), now)


def refusal(
    type_name: str,
    value: str | None,
    fields: Mapping[str, str] | None = None,
    *,
    now: datetime = NOW,
    **options: object,
) -> Invalid:
    """The refusal, which holds no line of what was submitted."""
    with pytest.raises(Invalid) as caught:
        submit(type_name, value, fields, now=now, **options)
    error = caught.value
    told = everything_told(error)
    for text in [value or "", *(fields or {}).values()]:
        for line in text.splitlines():
            assert len(line) < 12 or line.startswith("-----") or line not in told
    assert error.fields
    assert error.hint
    return error


def everything_told(error: BaseException) -> str:
    """What a log could hold of an error: the texts and attributes of it and of all errors that hang on it."""
    told = "".join(traceback.format_exception(error))
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None:
            told += f"{one!r} {one} {one.args} {vars(one)}"
            waiting += [one.__cause__, one.__context__]
    return told


def plain(prepared: Prepared) -> dict[str, str]:
    return {name: text.get_secret_value() for name, text in prepared.fields.items()}


def again(type_name: str, prepared: Prepared, *, now: datetime = NOW, **options: object) -> Prepared:
    return secret_type(type_name).prepare(Submission.of_stored(prepared.fields, options), now)
