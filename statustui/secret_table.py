"""The list of secrets."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text
from textual import events, on
from textual.message import Message
from textual.widgets import DataTable

from adapter.model.records import parse_time
from adapter.model.wire import SecretView
from statustui.cell import Cell
from statustui.clock import Clock
from statustui.columns import LABELS, Column, Key, layout
from statustui.row_keys import ROW_KEYS
from statustui.theme import STATUS, VARIABLES
from statustui.times import short
from statustui.wording import cut_end, cut_middle, short_scope, type_label

_SIDE = VARIABLES["side"]
_NEWEST_FIRST = frozenset({Key.CREATED, Key.USED})


def sort_value(secret: SecretView, key: Key) -> tuple[bool, str]:
    """What a column sorts by; what is missing comes last, first when reversed."""
    text = {
        Key.NAME: secret.name.casefold(),
        Key.TYPE: type_label(secret.type).casefold(),
        Key.DESCRIPTION: secret.description.casefold(),
        Key.SCOPE: secret.scope,
        Key.CREATED: secret.created_at,
        Key.USED: secret.last_used_at or "",
    }[key]
    return (not text) != (key in _NEWEST_FIRST), text


class SecretTable(DataTable[Cell]):
    """Shows what it is given, in the order that the person chose."""

    BINDINGS = [*ROW_KEYS]

    class Highlighted(Message):
        def __init__(self, secret: SecretView | None) -> None:
            super().__init__()
            self.secret = secret

    class Opened(Message):
        def __init__(self, secret: SecretView) -> None:
            super().__init__()
            self.secret = secret

    def __init__(self, clock: Clock) -> None:
        super().__init__(id="secrets", classes="rows", cursor_type="row", cell_padding=1, zebra_stripes=False)
        self._clock = clock
        self._shown: list[SecretView] = []
        self._columns: list[Column] = []
        self._narrow = False
        self.sort_key = Key.NAME
        self.sort_reversed = False

    @property
    def current(self) -> SecretView | None:
        return self._shown[self.cursor_row] if 0 <= self.cursor_row < len(self._shown) else None

    def fill(self, secrets: list[SecretView], *, select: str | None = None) -> None:
        """Show `secrets`; the cursor stays on the secret it was on, or goes to the one with the id `select`."""
        wanted = select or (self.current.id if self.current else None)
        self._shown = self._sorted(secrets)
        self._draw(wanted)

    def sort_by(self, key: Key) -> None:
        """Sort by a column; the same one again turns the order round."""
        self.sort_reversed = not self.sort_reversed if key is self.sort_key else key in _NEWEST_FIRST
        self.sort_key = key
        self.fill(self._shown)

    def sort_by_next(self) -> Key:
        keys = [column.key for column in self._columns]
        index = keys.index(self.sort_key) if self.sort_key in keys else -1
        self.sort_by(keys[(index + 1) % len(keys)])
        return self.sort_key

    def set_narrow(self, narrow: bool) -> None:
        if narrow != self._narrow:
            self._narrow = narrow
            self._lay_out()

    def _sorted(self, secrets: list[SecretView]) -> list[SecretView]:
        by_name = sorted(secrets, key=lambda one: (one.name.casefold(), one.scope))
        return sorted(by_name, key=lambda one: sort_value(one, self.sort_key), reverse=self.sort_reversed)

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        # One cell stays free for the scroll bar, so that it never pushes the columns.
        columns = layout(
            self.size.width + self.scrollbar_size_vertical * self.show_vertical_scrollbar - 1, narrow=self._narrow
        )
        if columns != self._columns and self.size.width:
            self._columns = columns
            self._draw(self.current.id if self.current else None)

    def _draw(self, wanted: str | None) -> None:
        if not self._columns:
            return
        now = self._clock()
        index = next(
            (i for i, one in enumerate(self._shown) if one.id == wanted), min(self.cursor_row, len(self._shown) - 1)
        )
        with self.prevent(DataTable.RowHighlighted):
            self.clear(columns=True)
            for column in self._columns:
                self.add_column(self._header(column), key=column.key, width=column.width)
            for secret in self._shown:
                self.add_row(*(_cell(secret, column.key, now) for column in self._columns), key=secret.id)
            if index > 0:
                self.move_cursor(row=index, animate=False)
        self.post_message(self.Highlighted(self.current))

    def _header(self, column: Column) -> Text:
        mark = "" if column.key is not self.sort_key else " ▾" if self.sort_reversed else " ▴"
        return Text(cut_end(LABELS[column.key], column.width - len(mark)) + mark, no_wrap=True)

    @on(DataTable.HeaderSelected)
    def _header_selected(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        self.sort_by(Key(str(event.column_key.value)))

    @on(DataTable.RowHighlighted)
    def _row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self.post_message(self.Highlighted(self.current))

    @on(DataTable.RowSelected)
    def _row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if self.current is not None:
            self.post_message(self.Opened(self.current))


def _cell(secret: SecretView, key: Key, now: datetime) -> Cell:
    match key:
        case Key.NAME:
            return Cell(secret.name, cut=cut_middle)
        case Key.TYPE:
            return Cell(type_label(secret.type), _SIDE)
        case Key.DESCRIPTION:
            return Cell(secret.description, _SIDE)
        case Key.SCOPE:
            return Cell(short_scope(secret.scope), _SIDE, cut_middle)
        case Key.CREATED:
            return _time(secret.created_at, now)
        case Key.USED:
            return _EXPIRED if secret.expired else _time(secret.last_used_at, now)


_EXPIRED = Cell("expired", f"bold {STATUS.error}")


def _time(text: str | None, now: datetime) -> Cell:
    return Cell(short(parse_time(text) if text else None, now), _SIDE if text else VARIABLES["faint"])
