"""A question with two answers."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Footer, Static

from statustui.fields import button


class AskScreen(ModalScreen[bool]):
    """The safe answer has the focus."""

    BINDINGS = [
        Binding("escape", "answer(False)", "Back", id="ask.back", tooltip="Leave things as they are"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, heading: str, sentence: str, *, yes: str, no: str) -> None:
        super().__init__()
        self._heading, self._sentence, self._yes, self._no = heading, sentence, yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -small") as dialog:
            dialog.border_title = Content(self._heading)
            yield Static(Content(self._sentence), classes="dialog-words")
            with Horizontal(classes="buttons"):
                yield button(self._yes, "yes")
                yield button(self._no, "no", primary=True)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#no").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
