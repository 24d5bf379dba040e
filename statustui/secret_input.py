"""An input for what must not be seen: passwords and values."""

from __future__ import annotations

from pydantic import SecretStr
from rich.text import Text
from textual import events
from textual.widgets import Input


class SecretInput(Input):
    """Masked; its text cannot be copied out, and a pasted text keeps its lines."""

    def __init__(self, *, id: str, placeholder: str = "", lines: bool = False) -> None:
        super().__init__(password=True, id=id, placeholder=placeholder, compact=True)
        self._lines = lines

    @property
    def _value(self) -> Text:
        if self.password:
            return super()._value
        return Text(self.value.replace("\n", "⏎").replace("\t", "⇥"), no_wrap=True, overflow="ignore", end="")

    def secret(self) -> SecretStr:
        return SecretStr(self.value)

    def wipe(self) -> None:
        with self.prevent(Input.Changed):
            self.value = ""
        self.password = True

    def action_copy(self) -> None:
        """Nothing: what is typed here leaves by the form alone."""

    def action_cut(self) -> None:
        self.delete_selection()

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        if not self._lines or (text.count("\n") <= 1 and text.endswith("\n")):
            text = text.split("\n", 1)[0]
        start, end = sorted(self.selection)
        self.replace(text, start, end)
