"""A table of texts whose columns share the width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.message import Message
from textual.widgets import DataTable

from statustui.cell import Cell
from statustui.row_keys import ROW_KEYS
from statustui.wording import cut_end

GAP = 2


@dataclass(frozen=True, slots=True)
class PlainColumn:
    """`width` in cells, or 0 for a `share` of what the others leave; `wide`: only where there is room."""

    label: str
    width: int = 0
    share: int = 0
    cut: Callable[[str, int], str] = cut_end
    wide: bool = False


Row = Sequence[tuple[str, str]]
"""Text and style of each cell."""


def widths(columns: Sequence[PlainColumn], room: int, wide_from: int = 96) -> list[int]:
    """Each column's width; 0 for one that is left out."""
    shown = [one for one in columns if room >= wide_from or not one.wide]
    shares = sum(one.share for one in shown) or 1
    left = room - GAP * len(shown) - sum(one.width for one in shown)
    left = max(left, 6 * sum(one.share > 0 for one in shown))
    return [0 if one not in shown else one.width or left * one.share // shares for one in columns]


class PlainTable(DataTable[Cell]):
    BINDINGS = [*ROW_KEYS]

    class Moved(Message):
        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Opened(Moved):
        """Enter, or a click on the row that the cursor is on."""

    def __init__(self, columns: Sequence[PlainColumn], *, id: str) -> None:
        super().__init__(id=id, classes="rows", cursor_type="row", cell_padding=1)
        self._specified = columns
        self._texts: list[Row] = []
        self._widths: list[int] = []

    def fill(self, rows: list[Row], columns: Sequence[PlainColumn] | None = None) -> None:
        """Show `rows`, under other columns where they are given; the cursor stays where it is."""
        if columns is not None and columns != self._specified:
            self._specified = columns
            self._widths = widths(columns, self._room())
        self._texts = rows
        self._draw()

    def _room(self) -> int:
        # One cell stays free for the scroll bar, so that it never pushes the columns.
        return self.size.width + self.scrollbar_size_vertical * self.show_vertical_scrollbar - 1

    def on_resize(self, event: events.Resize) -> None:
        found = widths(self._specified, self._room())
        if self.size.width and found != self._widths:
            self._widths = found
            self._draw()

    def _draw(self) -> None:
        if not self._widths:
            return
        at = min(self.cursor_row, len(self._texts) - 1)
        with self.prevent(DataTable.RowHighlighted):
            self.clear(columns=True)
            for column, width in zip(self._specified, self._widths, strict=True):
                if width:
                    self.add_column(Text(cut_end(column.label, width), no_wrap=True), key=column.label, width=width)
            for row in self._texts:
                cells = zip(row, self._specified, self._widths, strict=True)
                self.add_row(*(Cell(text, style, column.cut) for (text, style), column, width in cells if width))
            if at > 0:
                self.move_cursor(row=at, animate=False)
        self.post_message(self.Moved(at))

    @on(DataTable.RowHighlighted)
    def _row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self.post_message(self.Moved(event.cursor_row))

    @on(DataTable.RowSelected)
    def _row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.post_message(self.Opened(event.cursor_row))
