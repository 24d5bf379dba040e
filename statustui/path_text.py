"""A path or reference on several lines, broken after its slashes rather than in the middle of a word."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Console
from rich.containers import Lines
from rich.text import Text

_PIECES = re.compile(r"[^/]+/*|/+")


class PathText(Text):
    def wrap(self, console: Console, width: int, **options: Any) -> Lines:
        return Text("\n".join(_broken(self.plain, width)), self.style).wrap(console, width, **options)


def _broken(path: str, width: int) -> list[str]:
    lines = [""]
    for piece in _PIECES.findall(path):
        if lines[-1] and len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return lines
