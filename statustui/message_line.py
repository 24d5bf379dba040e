"""The line above the footer that says what happened to what."""

from __future__ import annotations

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from statustui.wording import one_line

SECONDS = 8.0


class MessageLine(Static):
    """Takes a row only while it has something to say. A value never goes through it."""

    _timer: Timer | None = None

    def on_mount(self) -> None:
        self.display = False

    def say(self, message: str, *, done: bool = False) -> None:
        """Show one sentence; `done` puts a tick before it."""
        mark = Content.styled("✓ ", "bold $success") if done else Content.styled("▸ ", "bold $accent")
        self.update(Content.assemble(mark, Content(one_line(message))))
        self.display = True
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SECONDS, self.clear)

    def clear(self) -> None:
        self.display = False
        self.update("")
