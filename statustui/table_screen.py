"""A screen over a place: words, one table that is read from the adapter, and the way back."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from adapter.client import AsyncClient
from adapter.errors import StatusError
from statustui.clock import Clock
from statustui.dimmed import NARROW_BELOW
from statustui.plain_table import PlainColumn, PlainTable, Row
from statustui.problem import ProblemBox
from statustui.reading_screen import ReadingScreen
from statustui.session import Session
from statustui.wording import one_line

A = TypeVar("A")
R = TypeVar("R")


class TableScreen(ReadingScreen[R], Generic[A, R]):
    """`A` is what is read; it dismisses with an `R` or None."""

    COLUMNS: tuple[PlainColumn, ...] = ()
    EMPTY = "There is nothing here."
    BINDINGS = [
        Binding("ctrl+r,f5", "refresh", "Refresh", id="table.refresh", tooltip="Read it again", show=False),
        Binding("escape", "back", "Back", id="table.back", tooltip="Back to where one came from"),
    ]

    class Came(Message):
        def __init__(self, answer: object) -> None:
            super().__init__()
            self.answer = answer

    def __init__(self, client: AsyncClient, session: Session, vault_name: str, clock: Clock, *, heading: str) -> None:
        super().__init__(client, session, vault_name, clock)
        self._heading = heading
        self.answer: A | None = None

    @abstractmethod
    async def read(self) -> A:
        """Ask the adapter. Raises StatusError."""

    @abstractmethod
    def rows(self, answer: A) -> list[Row]:
        """What stands in the table."""

    def words(self, answer: A) -> Content:
        """What stands above the table."""
        return Content("")

    def body(self) -> ComposeResult:
        with Vertical(id="table-pane") as pane:
            pane.border_title = Content(one_line(self._heading))
            yield ProblemBox()
            yield Static(id="table-words")
            yield PlainTable(self.COLUMNS, id="table")
            yield Static(id="empty")
            yield Static(id="table-foot")

    def on_mount(self) -> None:
        self.query_one(PlainTable).focus()
        self.load()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW_BELOW, "-narrow")

    def load(self) -> None:
        self.waiting(True)
        self._load()

    @work(exclusive=True, group="table")
    async def _load(self) -> None:
        try:
            self.post_message(self.Came(await self.read()))
        except StatusError as error:
            self.post_message(self.Failed(error))

    @on(Came)
    def _came(self, message: Came) -> None:
        self.arrived()
        answer: A = message.answer  # type: ignore[assignment]
        self.answer = answer
        self.show(answer)

    def show(self, answer: A) -> None:
        rows = self.rows(answer)
        words = self.words(answer)
        above = self.query_one("#table-words", Static)
        above.update(words)
        above.display = bool(words)
        table, empty = self.query_one(PlainTable), self.query_one("#empty", Static)
        table.fill(rows, self.columns(answer))
        table.display, empty.display = bool(rows), not rows
        empty.update(Content.styled(self.EMPTY, "bold"))
        self.refresh_bindings()

    def foot(self, answer: A, index: int) -> Content:
        """What stands below the table about the row under the cursor."""
        return Content("")

    @on(PlainTable.Moved)
    def _moved(self, message: PlainTable.Moved) -> None:
        if self.answer is not None:
            self._show_foot(message.index)
            self.refresh_bindings()

    def _show_foot(self, index: int) -> None:
        words = self.foot(self.answer, index) if self.answer is not None and index >= 0 else Content("")
        below = self.query_one("#table-foot", Static)
        below.update(words)
        below.display = bool(words)

    def columns(self, answer: A) -> tuple[PlainColumn, ...]:
        return self.COLUMNS

    def why_not(self, action: str) -> str:
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if self.is_mounted and self.why_not(action) else True

    def action_back(self) -> None:
        self.dismiss(None)
