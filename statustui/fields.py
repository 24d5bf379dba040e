"""One row of a form: a label, its control, and below it what is wrong or worth knowing."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from statustui.wording import CROSS, one_line


class Field(Vertical):
    """`key` is the field's name in the API, so that the server's problems find their place."""

    def __init__(self, key: str, label: str, *controls: Widget, note: str = "", classes: str = "") -> None:
        super().__init__(id=f"field-{key}", classes=f"field {classes}")
        self.key = key
        self._label = label
        self._controls = controls
        self._note = note
        self._problem = ""

    def compose(self) -> ComposeResult:
        with Horizontal(classes="field-row"):
            yield Static(Content(self._label), classes="field-label")
            yield from self._controls
        yield Static(classes="field-note")

    def on_mount(self) -> None:
        self._show()

    @property
    def problem(self) -> str:
        return self._problem

    @problem.setter
    def problem(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._show()

    @property
    def note(self) -> str:
        return self._note

    @note.setter
    def note(self, note: str) -> None:
        if note != self._note:
            self._note = note
            self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        self.set_class(bool(self._problem), "-problem")
        text = Content(f"{CROSS} {one_line(self._problem)}") if self._problem else Content(one_line(self._note))
        self.query_one(".field-note", Static).update(text)


def change_reason_field(words: str = "why; goes into the log") -> Field:
    """Whether it may stay empty is the scope's setting, which only ADMINs can read: the server says so."""
    placeholder = f"{words}; some scopes require it"
    return Field("reason", "Reason", Input(id="reason", placeholder=placeholder, compact=True))


def button(label: str, id: str, *, primary: bool = False, classes: str = "") -> Button:
    """A button of one row, in the look of the product."""
    return Button(
        Content(label), id=id, compact=True, variant="primary" if primary else "default", classes=f"action {classes}"
    )
