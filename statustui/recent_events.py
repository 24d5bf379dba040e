"""The last events of one secret, below its details; read once these are opened."""

from __future__ import annotations

from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.message import Message
from textual.widgets import Static

from adapter.client import AsyncClient
from adapter.errors import StatusError
from adapter.model.address import Address
from adapter.model.audit import Event, EventFilter, EventPage
from adapter.model.records import parse_time
from statustui.audit_columns import Column, Key
from statustui.event_cells import cell
from statustui.theme import VARIABLES
from statustui.times import short
from statustui.wording import one_line, plural

COUNT = 6
_QUIET = VARIABLES["quiet"]


class RecentEvents(Static):
    """Empty until `read`; an adapter without an audit view leaves it so."""

    class Came(Message):
        def __init__(self, secret_id: str, page: EventPage) -> None:
            super().__init__()
            self.secret_id = secret_id
            self.page = page

    def __init__(self, client: AsyncClient) -> None:
        super().__init__(id="recent-events")
        self._client = client
        self._secret_id = ""
        self._now: datetime | None = None

    def of(self, secret_id: str, now: datetime) -> None:
        """From now on it is about that secret."""
        self._now = now
        if secret_id != self._secret_id:
            self._secret_id = secret_id
            self.update("")

    def read(self) -> None:
        if self._secret_id:
            self._read(self._secret_id)

    @work(exclusive=True, group="recent-events")
    async def _read(self, secret_id: str) -> None:
        wanted = EventFilter(secret=Address.from_id(secret_id).path, limit=COUNT)
        try:
            self.post_message(self.Came(secret_id, await self._client.events(wanted)))
        except StatusError:
            return  # the details stand without them; the audit view says what is wrong

    @on(Came)
    def _came(self, message: Came) -> None:
        message.stop()
        if message.secret_id == self._secret_id and self._now is not None:
            self.update(lines(message.page.events, message.page.total, self._now))


def lines(events: list[Event], total: int, now: datetime) -> Group:
    """When, what, who and why of each event, and how many there are."""
    grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
    grid.add_column(width=8, no_wrap=True, style=_QUIET)
    grid.add_column(width=17, no_wrap=True)
    grid.add_column(ratio=1, no_wrap=True)
    for event in events:
        moment = parse_time(event.time)
        act, style = cell(event, Column(Key.ACT, 17), now)
        who = Text(cell(event, Column(Key.WHO, 40), now)[0], no_wrap=True, overflow="ellipsis")
        if event.reason:
            who.append(f" · {one_line(event.reason)}", _QUIET)
        grid.add_row(Text(short(moment, now) if moment else ""), Text(act, style), who)
    heading = f"{plural(total, 'event')}; a shows all of them" if total else "no event of it is in the log"
    return Group(Text(f"\nAudit: {heading}", _QUIET), grid)
