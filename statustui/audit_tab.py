"""The tab of what was done to a secret, and what is done to it now."""

from __future__ import annotations

from rich.console import Group
from rich.text import Text
from textual import on

from adapter.errors import NotSignedIn
from adapter.model.address import Address
from adapter.model.audit import Event, EventFilter
from statustui import audit_feed
from statustui.audit_columns import GAP, MARK, SLIM_BELOW, Column, Key, layout
from statustui.audit_feed import Feed
from statustui.detail_tab import ReadTab
from statustui.event_cells import cell, mark
from statustui.event_pages import EventPages
from statustui.expired import SessionEnded
from statustui.theme import STATUS, VARIABLES
from statustui.wording import grouped, one_line, plural

MOST = 100
"""Events that it shows; `a` opens all of them."""
_QUIET = VARIABLES["quiet"]


class AuditTab(ReadTab[EventPages]):
    """Newest first, and live: what happens to the secret stands here as it happens."""

    label, act = "Audit", "audit"
    _feed: Feed | None = None
    _live = False

    def read(self) -> None:
        if self._secret is not None:
            self._fresh = True
            wanted = EventFilter(secret=Address.from_id(self._secret.id).path)
            self._feed = Feed(self._client, wanted, self.post_message)
            self.run_worker(self._feed.follow(), group="live", exclusive=True)

    def forget(self) -> None:
        super().forget()
        self._feed = None

    def look(self, looked_at: bool) -> None:
        if not looked_at:
            self.forget()  # nothing follows what nobody sees
        super().look(looked_at)

    @on(audit_feed.Connected)
    @on(audit_feed.Broken)
    def _followed(self, message: audit_feed.Connected | audit_feed.Broken) -> None:
        """From here on what happens is told, or it cannot be: the events from before are read in both cases."""
        message.stop()
        if message.feed is not self._feed:
            return
        self._live = isinstance(message, audit_feed.Connected)
        self.draw()
        if isinstance(message, audit_feed.Broken) and isinstance(message.error, NotSignedIn):
            self.post_message(SessionEnded(retry=self.read))
        elif isinstance(message, audit_feed.Connected) or (self.answer is None and self._problem is None):
            self.run_worker(message.feed.first(), group="tab", exclusive=True)

    @on(audit_feed.FirstPage)
    def _first_page(self, message: audit_feed.FirstPage) -> None:
        message.stop()
        if message.feed is self._feed:
            self.answer, self._problem = EventPages(message.page), None
            self.draw()

    @on(audit_feed.Happened)
    def _happened(self, message: audit_feed.Happened) -> None:
        message.stop()
        if message.feed is self._feed and self.answer is not None:
            self.answer.happened(message.event)
            self.draw()
            if self.answer.overgrown:
                self.read()

    @on(audit_feed.Failed)
    def _not_read(self, message: audit_feed.Failed) -> None:
        message.stop()
        if message.feed is self._feed:
            self.fail(message.error)

    def told(self, answer: EventPages) -> Group:
        shown = [event for event in map(answer.at, range(min(len(answer), MOST))) if event is not None]
        columns = layout(self.size.width, one_secret=True)
        heading = Text(_heading(len(answer), len(shown)), _QUIET)
        heading.append("" if self._live else "; not live at present", STATUS.warning)
        return Group(heading, *(self._line(one, columns) for one in shown))

    def _line(self, event: Event, columns: list[Column]) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(mark(event).ljust(MARK), f"bold {STATUS.warning}")
        for column in columns:
            text = Text(*cell(event, column, self._clock()))
            text.pad_right(max(column.width - text.cell_len, 0) + GAP)
            line.append_text(text)
        if event.reason and all(column.key is not Key.WHY for column in columns):
            line.rstrip()
            before = " · " if self.size.width >= SLIM_BELOW else "\n" + " " * (MARK + columns[0].width + GAP)
            line.append(before + one_line(event.reason), _QUIET)
        return line


def _heading(count: int, shown: int) -> str:
    if not count:
        return "No event of it is in the log."
    newest = f", the newest {grouped(shown)} here" if shown < count else ""
    return f"{plural(count, 'event')}{newest}; a filters and opens them"
