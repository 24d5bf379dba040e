"""The table of a secret's versions."""

from __future__ import annotations

from rich.text import Text
from textual import events, on
from textual.message import Message
from textual.widgets import DataTable

from adapter.model.records import parse_time
from adapter.model.wire import VersionView
from statustui.cell import Cell
from statustui.row_keys import ROW_KEYS
from statustui.theme import STATUS, VARIABLES
from statustui.times import exact
from statustui.version_columns import Key, widths
from statustui.version_words import reason_cell
from statustui.wording import DASH, cut_middle

_SIDE = VARIABLES["side"]
STATES = {"current": f"bold {STATUS.primary}", "deleted": STATUS.warning or "", "destroyed": STATUS.error or ""}


class VersionTable(DataTable[Cell]):
    """Newest first, as it is given."""

    BINDINGS = [*ROW_KEYS]

    class Highlighted(Message):
        def __init__(self, version: VersionView | None) -> None:
            super().__init__()
            self.version = version

    def __init__(self) -> None:
        super().__init__(id="versions", classes="rows", cursor_type="row", cell_padding=1)
        self._shown: list[VersionView] = []
        self._widths: dict[Key, int] = {}

    @property
    def current(self) -> VersionView | None:
        """The one under the cursor."""
        return self._shown[self.cursor_row] if 0 <= self.cursor_row < len(self._shown) else None

    def fill(self, versions: list[VersionView], *, select: int | None = None) -> None:
        """Show `versions`; the cursor stays on the version it was on, or goes to the number `select`."""
        wanted = select or (self.current.version if self.current else None)
        self._shown = versions
        self._draw(wanted)

    def on_resize(self, event: events.Resize) -> None:
        # One cell stays free for the scroll bar, so that it never pushes the columns.
        room = self.size.width + self.scrollbar_size_vertical * self.show_vertical_scrollbar - 1
        if self.size.width and widths(room) != self._widths:
            self._widths = widths(room)
            self._draw(self.current.version if self.current else None)

    def _draw(self, wanted: int | None) -> None:
        if not self._widths:
            return
        index = next((i for i, one in enumerate(self._shown) if one.version == wanted), 0)
        with self.prevent(DataTable.RowHighlighted):
            self.clear(columns=True)
            for key, width in self._widths.items():
                label = key.rjust(width) if key is Key.NUMBER else key
                self.add_column(Text(label, no_wrap=True), key=key, width=width)
            for version in self._shown:
                self.add_row(*(_cell(version, key, width) for key, width in self._widths.items()))
            if index > 0:
                self.move_cursor(row=index, animate=False)
        self.post_message(self.Highlighted(self.current))

    @on(DataTable.RowHighlighted)
    def _row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self.post_message(self.Highlighted(self.current))


def _cell(version: VersionView, key: Key, width: int) -> Cell:
    match key:
        case Key.NUMBER:
            return Cell(str(version.version).rjust(width))
        case Key.STATE:
            return Cell(version.state, STATES.get(version.state, _SIDE))
        case Key.CREATED:
            moment = parse_time(version.created_at)
            return Cell(exact(moment) if moment else version.created_at, _SIDE)
        case Key.BY:
            return Cell(version.created_by, _SIDE, cut_middle) if version.created_by else _NOTHING
        case Key.REASON:
            return Cell(reason_cell(version), _SIDE) if reason_cell(version) else _NOTHING


_NOTHING = Cell(DASH, VARIABLES["faint"])
