"""The bodies of import: what a caller brings, and what became, or would become, of each of its entries."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from adapter.model.wire import Answer, Reasoned, Revealed


class ImportBody(Reasoned):
    """`content`: the text of a `.env` or JSON file, the JSON itself, or for `files` the texts by file name.

    `names`: only these entries, by their stored names; the others are left alone.
    """

    format: Literal["env", "json", "files"]
    scope: str
    content: Revealed | dict[str, Any] | list[Any] = Field(repr=False)
    dry_run: bool = False
    names: list[str] | None = None


class ImportEntry(Answer):
    """One entry: its name as it is or would be stored, why it ended where it did, and where it stood."""

    name: str
    reason: str
    source: str = ""
    type: str | None = None
    id: str | None = None
    version: int | None = None


class ImportResult(Answer):
    """What was done, or with `dry_run` what would be."""

    dry_run: bool
    scope: str
    created: list[ImportEntry] = []
    changed: list[ImportEntry] = []
    refused: list[ImportEntry] = []
    message: str
