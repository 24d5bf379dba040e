"""The only time that STATUS shows a value: right after it was saved."""

from __future__ import annotations

from pydantic import SecretStr
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Button, Footer, Static

from statustui.clipboard import copy_secret
from statustui.fields import button
from statustui.wording import MASKED, one_line

SECONDS = 10
WORDS = "This is the only time STATUS shows its value. People cannot look it up here again, you included."


class CreatedScreen(ModalScreen[None]):
    """Holds the value until Done, and nowhere else."""

    BINDINGS = [
        Binding("s", "show", f"Show for {SECONDS} s", id="created.show", tooltip="Show the value for a moment"),
        Binding("c", "copy", "Copy", id="created.copy", tooltip="Copy the value to the clipboard"),
        Binding("y", "done", "Done, I have it", id="created.done", tooltip="Forget the value and go on"),
        Binding("escape", "not_yet", "Back", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, heading: str, value: SecretStr, *, words: str = WORDS) -> None:
        super().__init__()
        self._heading = heading
        self._words = words
        self._value: SecretStr | None = value
        self._seconds = 0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="created") as dialog:
            dialog.border_title = Content(one_line(self._heading))
            yield Static(Content(self._words), classes="dialog-words")
            with VerticalScroll(id="created-box", can_focus=False):
                yield Static(MASKED, id="created-value", markup=False)
            yield Static(id="created-note")
            with Horizontal(classes="buttons"):
                yield button(f"Show for {SECONDS} s", "show")
                yield button("Copy", "copy")
                yield button("Done, I have it", "done", primary=True)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#copy").focus()

    @on(Button.Pressed, "#show")
    def action_show(self) -> None:
        if self._value is None:
            return
        self.query_one("#created-value", Static).update(self._value.get_secret_value())
        self._seconds = SECONDS
        self._count_down()
        if self._timer is None:
            self._timer = self.set_interval(1, self._tick)

    def _tick(self) -> None:
        self._seconds -= 1
        if self._seconds > 0:
            self._count_down()
        else:
            self._hide()

    def _count_down(self) -> None:
        self.query_one("#created").border_subtitle = f"hidden again in {self._seconds} s"

    def _hide(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.query_one("#created-value", Static).update(MASKED)
        self.query_one("#created").border_subtitle = ""

    @on(Button.Pressed, "#copy")
    def action_copy(self) -> None:
        if self._value is not None:
            copy_secret(self.app, self._value)
            self._say("✓ Copied to your terminal's clipboard. If nothing is there: show it and select it.")
            self.query_one("#done").focus()

    @on(Button.Pressed, "#done")
    def action_done(self) -> None:
        self._value = None
        self._hide()
        self.dismiss(None)

    def action_not_yet(self) -> None:
        self._say("Choose Done once you have it: STATUS does not show it later.")
        self.query_one("#done").focus()

    def _say(self, words: str) -> None:
        self.query_one("#created-note", Static).update(Content(words))
