"""The keys of the screen that one came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from statustui.theme import STATUS, VARIABLES


class KeyHelp(NamedTuple):
    keys: str
    what: str
    tooltip: str
    enabled: bool


class HelpScreen(ModalScreen[None]):
    BINDINGS = [Binding("escape,question_mark,q", "close", "Back", id="help.close", key_display="esc")]

    def __init__(self, keys: Sequence[KeyHelp], notes: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self._keys = keys
        self._notes = notes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="help") as dialog:
            dialog.border_title = "Keys"
            with VerticalScroll():
                yield Static(_table(self._keys, self._notes))
        yield Footer(show_command_palette=False)

    def action_close(self) -> None:
        self.dismiss(None)


def _table(keys: Sequence[KeyHelp], notes: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=10, style=f"bold {STATUS.primary}", no_wrap=True)
    table.add_column(width=16, no_wrap=True)
    table.add_column(ratio=1, style=VARIABLES["quiet"])
    for one in keys:
        dim = "" if one.enabled else "dim"
        table.add_row(Text(one.keys, dim), Text(one.what, dim), Text(one.tooltip, dim))
    if notes:
        table.add_row("", "", "")
    for key, what in notes:
        table.add_row(Text(""), Text(key), Text(what))
    return table
