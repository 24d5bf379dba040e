"""The table of the audit view: draws the rows in sight, and asks for those that are not in memory."""

from __future__ import annotations

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from adapter.model.audit import Event
from statustui.audit_columns import GAP, MARK, Column, layout
from statustui.clock import Clock
from statustui.event_cells import PENDING, cell, mark
from statustui.event_pages import EventPages, Wanted
from statustui.theme import STATUS

_MARKED = Style(color=STATUS.warning, bold=True)
_AHEAD = 60
"""Rows beyond those in sight that are asked for, so that they are there when they come into sight."""


class EventTable(ScrollView, can_focus=True):
    """Newest first. The cursor stays on its event when new ones come in above, unless it follows them."""

    COMPONENT_CLASSES = {"events--header", "events--cursor", "events--hover"}
    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move_page(-1)", show=False),
        Binding("pagedown", "move_page(1)", show=False),
        Binding("home,g", "move_to(0)", show=False),
        Binding("end,G", "move_to(-1)", show=False),
        Binding("enter", "open", show=False),
    ]

    class Highlighted(Message):
        def __init__(self, event: Event | None) -> None:
            super().__init__()
            self.event = event

    class Opened(Message):
        """Enter, or a click on the row that the cursor is on."""

    class Needed(Message):
        """Pages that come into sight and are not in memory."""

        def __init__(self, wanted: list[Wanted]) -> None:
            super().__init__()
            self.wanted = wanted

    class Followed(Message):
        """The cursor left the top, or came back to it, with `following` on."""

        def __init__(self, following: bool) -> None:
            super().__init__()
            self.following = following

    def __init__(self, clock: Clock, *, one_secret: bool = False) -> None:
        super().__init__(id="events", classes="rows")
        self._clock = clock
        self._one_secret = one_secret
        self._pages: EventPages | None = None
        self._columns: list[Column] = []
        self._cursor = 0
        self._hover = -1
        self._asked: set[int] = set()
        self._following = True

    # --- what it shows

    @property
    def current(self) -> Event | None:
        """The event under the cursor, once it is in memory."""
        return self._pages.at(self._cursor) if self._pages is not None else None

    @property
    def cursor(self) -> int:
        return self._cursor

    @property
    def following(self) -> bool:
        return self._following

    def open(self, pages: EventPages) -> None:
        """Show the events of another filter, from the top."""
        self._pages, self._cursor, self._asked = pages, 0, set()
        self._resize()
        self.scroll_to(y=0, animate=False, immediate=True)
        self._moved()

    def changed(self, added: int = 0) -> None:
        """The pages have changed; `added` rows came in at the top."""
        self._resize()
        if added and not (self._following and self._cursor == 0):
            self._cursor += added
            self.scroll_to(y=self.scroll_offset.y + added, animate=False, immediate=True)
        self._moved()

    def loaded(self, numbers: set[int]) -> None:
        """Pages that were asked for have come; others in sight are asked for."""
        self._asked -= numbers
        self._resize()
        self._moved()

    def unread(self, number: int) -> None:
        """A page could not be read: it is asked for again when the cursor moves next."""
        self._asked.discard(number)

    def follow(self, following: bool) -> None:
        """Keep the cursor on the newest event, or let it stay where it is."""
        self._following = following
        if following:
            self.action_move_to(0)

    def _resize(self) -> None:
        rows = len(self._pages) if self._pages is not None else 0
        self.virtual_size = Size(self.size.width, rows + 1)
        self._cursor = max(min(self._cursor, rows - 1), 0)

    def _moved(self) -> None:
        self.refresh()
        self._ask()
        self.post_message(self.Highlighted(self.current))

    def _ask(self) -> None:
        if self._pages is None or not self.size.height:
            return
        top = self.scroll_offset.y
        wanted = self._pages.wanted(max(top - _AHEAD, 0), top + self.size.height + _AHEAD)
        new = [one for one in wanted if one.number not in self._asked]
        if new:
            self._asked |= {one.number for one in new}
            self.post_message(self.Needed(new))

    # --- moving

    def action_move(self, rows: int) -> None:
        self._move_to(self._cursor + rows)

    def action_move_page(self, pages: int) -> None:
        self._move_to(self._cursor + pages * max(self.size.height - 2, 1))

    def action_move_to(self, row: int) -> None:
        self._move_to(row if row >= 0 or self._pages is None else len(self._pages) - 1)

    def action_open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened())

    def _move_to(self, row: int) -> None:
        last = len(self._pages) - 1 if self._pages is not None else 0
        self._cursor = max(min(row, last), 0)
        top, height = self.scroll_offset.y, max(self.size.height - 1, 1)
        if self._cursor < top:
            top = self._cursor
        elif self._cursor >= top + height:
            top = self._cursor - height + 1
        self.scroll_to(y=top, animate=False, immediate=True)
        if self._following and self._cursor:
            self._following = False
            self.post_message(self.Followed(False))
        self._moved()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        # One cell stays free for the scroll bar, so that it never pushes the columns.
        room = self.size.width + self.scrollbar_size_vertical * self.show_vertical_scrollbar - 1
        self._columns = layout(room, one_secret=self._one_secret)
        self._resize()
        self._ask()
        self.refresh()

    # --- the mouse

    def _row_at(self, y: int) -> int:
        """The row at a line of the widget; -1 for the titles."""
        return self.scroll_offset.y + y - 1 if y > 0 else -1

    def on_click(self, event: events.Click) -> None:
        row = self._row_at(event.y)
        if row < 0 or self._pages is None or row >= len(self._pages):
            return
        if row == self._cursor:
            self.action_open()
        else:
            self._move_to(row)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover_on(self._row_at(event.y))

    def on_leave(self) -> None:
        self._hover_on(-1)

    def _hover_on(self, row: int) -> None:
        if row != self._hover:
            self._hover = row
            self.refresh()

    # --- drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return self._titles(width)
        row = self._row_at(y)
        if self._pages is None or row >= len(self._pages):
            return Strip.blank(width, self.rich_style)
        found = self._pages.at(row)
        style = self._row_style(row)
        now = self._clock()
        segments = [Segment(_fit(mark(found) if found else "", MARK), style + _MARKED)]
        for column in self._columns:
            text, colour = cell(found, column, now) if found else PENDING
            segments.append(Segment(_fit(text, column.width) + " " * GAP, style + Style.parse(colour)))
        return Strip(segments).adjust_cell_length(width, style)

    def _titles(self, width: int) -> Strip:
        style = self.get_component_rich_style("events--header")
        segments = [Segment(" " * MARK, style)]
        segments += [Segment(_fit(column.key, column.width) + " " * GAP, style) for column in self._columns]
        return Strip(segments).adjust_cell_length(width, style)

    def _row_style(self, row: int) -> Style:
        if row == self._cursor:
            return self.get_component_rich_style("events--cursor")
        return self.get_component_rich_style("events--hover") if row == self._hover else self.rich_style


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width)
