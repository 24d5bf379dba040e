"""An error in place: its title, its sentence, its hint."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from adapter.errors import StatusError
from statustui.wording import CROSS, one_line

TRY_AGAIN = "ctrl+r tries again."


class ProblemBox(Static):
    """Hidden until there is something to say. The mark before the title says 'error' without colour."""

    class Met(Message):
        """An error was shown."""

        def __init__(self, error: StatusError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.display = False

    def show(self, error: StatusError, *, again: str = "") -> None:
        """`again` says how the same is tried once more."""
        self.say(error.title, error.detail, f"{error.hint} {again}".strip())
        self.app.post_message(self.Met(error))  # from here it would get no further than to the screen that shows it

    def say(self, title: str, sentence: str = "", hint: str = "") -> None:
        parts = [Content.styled(f"{CROSS} {one_line(title)}", "bold $error")]
        if sentence:
            parts.append(Content(f"\n{one_line(sentence)}"))
        if hint:
            parts.append(Content.styled(f"\n{one_line(hint)}", "$quiet"))
        self.update(Content.assemble(*parts))
        self._appear(True)

    def clear(self) -> None:
        self._appear(False)
        self.update("")

    def _appear(self, shown: bool) -> None:
        self.display = shown
        if self.is_mounted:
            self.screen.set_class(shown, "-problem-shown")
