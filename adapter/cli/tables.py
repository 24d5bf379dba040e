"""Lists on the standard output: aligned columns for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from adapter.cli.output import show_result
from adapter.model.wire import Answer, dump


def show_rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as their widest cell, in plain text; unprintable characters are shown as escapes."""
    table = [[plain(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)
    show_result("\n".join(lines))


def show_json(answers: Answer | Iterable[Answer]) -> None:
    """The bodies as the API has them."""
    body = dump(answers) if isinstance(answers, Answer) else [dump(answer) for answer in answers]
    show_result(json.dumps(body, ensure_ascii=False))


def plain(text: str) -> str:
    """Text for a terminal: what could move its cursor is shown as an escape."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
