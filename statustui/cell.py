"""One cell of the list, cut to its column only when it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from statustui.wording import cut_end, one_line


@dataclass(frozen=True, slots=True)
class Cell:
    """Foreign text that is never read as markup.

    It has no `__rich_measure__`: the columns' widths are given, and measuring thousands of cells takes most of the
    time that a long list needs.
    """

    text: str
    style: str = ""
    cut: Callable[[str, int], str] = cut_end

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.cut(one_line(self.text), options.max_width), self.style, no_wrap=True)

    def __str__(self) -> str:
        return self.text
