"""The answer of a comparison of two versions: the names of what differs, never a value or a length."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from adapter.model.wire import Answer


class FieldChange(Answer):
    field: str
    change: Literal["added", "changed", "removed"]


class Comparison(Answer):
    """What became of the fields of version `from` in version `to`; `same`: nothing differs."""

    source: int = Field(alias="from")
    to: int
    same: bool
    fields: list[FieldChange]
