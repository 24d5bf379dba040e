"""The lines of Vault's own log that an event was made from."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from adapter.client import AsyncClient
from adapter.errors import NotSignedIn, StatusError
from adapter.model.audit import Event, RawLines
from statustui.audit_words import headline
from statustui.clock import Clock
from statustui.expired import SessionEnded
from statustui.problem import TRY_AGAIN, ProblemBox
from statustui.session import Session
from statustui.session_screen import SessionScreen
from statustui.wording import one_line

MOST = 12
"""Requests whose lines are read."""


class RawLinesScreen(SessionScreen[None]):
    BINDINGS = [
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
        Binding("ctrl+r,f5", "refresh", "Refresh", id="raw.refresh", tooltip="Read the lines again", show=False),
        Binding("escape", "back", "Back", id="raw.back", tooltip="Back to the events"),
    ]

    class Came(Message):
        def __init__(self, found: Sequence[RawLines]) -> None:
            super().__init__()
            self.found = found

    class Failed(Message):
        def __init__(self, error: StatusError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, client: AsyncClient, event: Event, session: Session, vault_name: str, clock: Clock) -> None:
        super().__init__(session, vault_name, clock)
        self._client = client
        self._event = event

    def body(self) -> ComposeResult:
        with VerticalScroll(id="raw-pane") as pane:
            pane.border_title = Content(f"The vault's own lines · {headline(self._event)}")
            yield ProblemBox()
            yield Static(id="raw-lines")

    def on_mount(self) -> None:
        self.query_one("#raw-pane").focus()
        self.load()

    def load(self) -> None:
        self.waiting(True)
        self._load()

    @work(exclusive=True, group="raw")
    async def _load(self) -> None:
        try:
            ids = self._event.request_ids[:MOST]
            self.post_message(self.Came([await self._client.raw_lines(one, self._event.time) for one in ids]))
        except StatusError as error:
            self.post_message(self.Failed(error))

    @on(Came)
    def _came(self, message: Came) -> None:
        self.waiting(False)
        self.query_one(ProblemBox).clear()
        parts: list[Content] = []
        for one in message.found:
            parts.append(Content.styled(f"Request {one_line(one.request_id)}\n", "bold $accent"))
            for line in one.lines:
                text = "\n".join(map(one_line, line.splitlines()))
                parts.append(Content(f"{text}\n\n"))
        self.query_one("#raw-lines", Static).update(Content.assemble(*parts))

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self.waiting(False)
        if isinstance(message.error, NotSignedIn):
            self.post_message(SessionEnded(retry=self.load))
        else:
            self.query_one(ProblemBox).show(message.error, again=TRY_AGAIN)

    def why_not(self, action: str) -> str:
        return ""

    def action_refresh(self) -> None:
        self.load()

    def action_down(self) -> None:
        self.query_one("#raw-pane").scroll_down()

    def action_up(self) -> None:
        self.query_one("#raw-pane").scroll_up()

    def action_back(self) -> None:
        self.dismiss(None)
