"""The JSON bodies of the log's verification."""

from __future__ import annotations

from typing import Literal

from adapter.model.wire import Answer


class DamageView(Answer):
    """One place where the log is not as it was sealed; `lines` counts from 1 in the file as it is now."""

    kind: Literal["changed", "removed", "inserted", "gone", "forged"]
    path: str
    lines: tuple[int, int]
    what: str


class Verification(Answer):
    """`sealed`: lines that are as they were; `unsealed`: those since the last seal, which was made at `until`."""

    intact: bool
    sealed: int
    unsealed: int
    seals: int
    until: str | None
    damages: list[DamageView]
