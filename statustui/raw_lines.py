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
from adapter.errors import StatusError
from adapter.model.audit import Event, RawLines
from statustui.audit_words import headline
from statustui.clock import Clock
from statustui.problem import ProblemBox
from statustui.reading_screen import ReadingScreen
from statustui.session import Session
from statustui.wording import one_line

MOST = 12
"""Requests whose lines are read."""


class RawLinesScreen(ReadingScreen[None]):
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

    def __init__(self, client: AsyncClient, event: Event, session: Session, vault_name: str, clock: Clock) -> None:
        super().__init__(client, session, vault_name, clock)
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
        self.arrived()
        parts: list[Content] = []
        for one in message.found:
            parts.append(Content.styled(f"Request {one_line(one.request_id)}\n", "bold $accent"))
            for line in one.lines:
                text = "\n".join(map(one_line, line.splitlines()))
                parts.append(Content(f"{text}\n\n"))
        self.query_one("#raw-lines", Static).update(Content.assemble(*parts))

    def why_not(self, action: str) -> str:
        return ""

    def action_down(self) -> None:
        self.query_one("#raw-pane").scroll_down()

    def action_up(self) -> None:
        self.query_one("#raw-pane").scroll_up()

    def action_back(self) -> None:
        self.dismiss(None)
