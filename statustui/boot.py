"""The first screen: what is being started, or why it could not be."""

from __future__ import annotations

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static

from adapter.errors import StatusError
from statustui.backend import Backend, Started
from statustui.header import WaitingLine
from statustui.problem import ProblemBox
from statustui.wording import one_line
from statustui.wordmark import wordmark


class BootScreen(Screen[Started]):
    """Dismisses with what was started."""

    BINDINGS = [
        Binding("r", "again", "Try again", id="boot.again", tooltip="Start once more"),
        Binding("q", "app.quit", "Quit", show=False),
    ]

    class Report(Message):
        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Ready(Message):
        def __init__(self, started: Started) -> None:
            super().__init__()
            self.started = started

    class Failed(Message):
        def __init__(self, error: StatusError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self._backend = backend
        self._failed = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="stage"):
            yield Static(wordmark(""), id="wordmark")
            with Vertical(id="boot-progress"):
                yield Static("Starting…", id="boot-words", markup=False)
                yield WaitingLine()
            yield ProblemBox()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._failed = False
        self.query_one(ProblemBox).clear()
        self.query_one("#boot-progress").display = True
        self.query_one(WaitingLine).waiting = True
        self.refresh_bindings()
        self._start()

    @work(exclusive=True)
    async def _start(self) -> None:
        try:
            started = await self._backend.start(lambda words: (self.post_message(self.Report(words)), None)[1])
        except StatusError as error:
            self.post_message(self.Failed(error))
        else:
            self.post_message(self.Ready(started))

    def on_boot_screen_report(self, message: Report) -> None:
        self.query_one("#boot-words", Static).update(one_line(message.words).rstrip("….") + "…")

    def on_boot_screen_ready(self, message: Ready) -> None:
        self.query_one(WaitingLine).waiting = False
        self.dismiss(message.started)

    def on_boot_screen_failed(self, message: Failed) -> None:
        self._failed = True
        self.query_one(WaitingLine).waiting = False
        self.query_one("#boot-progress").display = False
        self.query_one(ProblemBox).show(message.error)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._failed if action == "again" else True

    def action_again(self) -> None:
        self._begin()
