"""A list of which any number can be chosen; it says by a mark, and not by a colour, what is."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList


class ManyOf(OptionList):
    BINDINGS = [Binding("space", "select", "Mark", tooltip="Choose, or choose no more", show=True)]

    class Changed(Message):
        def __init__(self, control: ManyOf) -> None:
            super().__init__()
            self._control = control

        @property
        def control(self) -> ManyOf:
            return self._control

    def __init__(self, names: Iterable[str], *, id: str) -> None:
        self._names = list(names)
        self._chosen: set[str] = set()
        super().__init__(*map(self._row, self._names), id=id, compact=True)

    @property
    def chosen(self) -> list[str]:
        """In the order of the list."""
        return [name for name in self._names if name in self._chosen]

    def choose(self, name: str) -> None:
        """Choose it, or choose it no more."""
        self._chosen ^= {name}
        self.replace_option_prompt_at_index(self._names.index(name), self._row(name))
        self.post_message(self.Changed(self))

    def _row(self, name: str) -> Content:
        return Content(f"[{'x' if name in self._chosen else ' '}] {name}")

    @on(OptionList.OptionSelected)
    def _mark(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.choose(self._names[event.option_index])
