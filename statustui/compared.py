"""What a comparison of two versions found: names of fields, never a value."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Footer, Static

from adapter.model.comparing import Comparison
from statustui.detail_lines import one_column
from statustui.fields import button
from statustui.wording import cut_middle, one_line

_LONGEST_NAME = 30


class ComparedScreen(ModalScreen[None]):
    BINDINGS = [Binding("escape", "close", "Back", id="compared.close", tooltip="Back to the versions")]

    def __init__(self, name: str, found: Comparison) -> None:
        super().__init__()
        self._secret_name = name
        self._found = found

    def compose(self) -> ComposeResult:
        found = self._found
        with Vertical(classes="dialog -small") as dialog:
            name = cut_middle(one_line(self._secret_name), _LONGEST_NAME)
            dialog.border_title = Content(f"{name} · versions {found.source} and {found.to}")
            yield Static(Content(headline(found)), classes="dialog-words")
            if found.fields:
                with VerticalScroll(classes="compared-fields"):
                    yield Static(one_column(rows(found)))
            with Horizontal(classes="buttons"):
                yield button("Back", "back", primary=True)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#back").focus()

    @on(Button.Pressed)
    def action_close(self) -> None:
        self.dismiss(None)


def headline(found: Comparison) -> str:
    if found.same:
        return f"Versions {found.source} and {found.to} hold the same."
    return "They differ in:" if len(found.fields) > 1 else "They differ in one field:"


def rows(found: Comparison) -> list[tuple[str, Text]]:
    """A field's name and what became of it."""
    words = {
        "changed": "another value",
        "added": f"only in version {found.to}",
        "removed": f"only in version {found.source}",
    }
    return [(one_line(one.field), Text(words[one.change])) for one in found.fields]
