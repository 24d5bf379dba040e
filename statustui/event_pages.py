"""The events of one filter, newest first, of which only some are in memory. Pure.

History is what was there when the view was opened, in pages that are asked for when they come into sight and forgotten
again; what happened since stands above it. A row is counted from the top.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from adapter.model.audit import Event, EventPage

PAGE = 200
"""Events of one page."""
KEPT = 24
"""Pages in memory, beside the first one."""
MOST_NEW = 2000
"""New events above the history, after which it should be opened anew."""


class Wanted(NamedTuple):
    """A page to ask for: its number, and from which cursor, `offset` events further on."""

    number: int
    cursor: str | None
    offset: int


def _same(one: Event, other: Event) -> bool:
    return bool(one.request_ids) and one.request_ids[:1] == other.request_ids[:1]


class EventPages:
    """What follows from a first page; another filter has its own."""

    def __init__(self, first: EventPage) -> None:
        self._new: list[Event] = []  # the newest one last
        self._first = list(first.events)
        self._pages: OrderedDict[int, list[Event]] = OrderedDict()
        self._cursors: dict[int, str] = {}
        self._history = max(first.total, len(first.events)) if first.next else len(first.events)
        self._learn(0, first.next)

    def add(self, page: EventPage, wanted: Wanted) -> None:
        """A page that was asked for; it ends the history where it is the last one."""
        self._pages[wanted.number] = page.events
        self._pages.move_to_end(wanted.number)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        self._learn(wanted.number, page.next)
        if page.next is None:
            self._history = wanted.number * PAGE + len(page.events)

    def _learn(self, number: int, following: str | None) -> None:
        if following is not None:
            self._cursors[number + 1] = following

    def happened(self, event: Event) -> bool:
        """Something new, or news of an event that is shown already. Returns whether a row was added at the top."""
        for rows in (self._new, self._first):
            for index in (i for i, one in enumerate(rows) if _same(one, event)):
                rows[index] = event
                return False
        self._new.append(event)
        return True

    def __len__(self) -> int:
        return len(self._new) + self._history

    @property
    def overgrown(self) -> bool:
        return len(self._new) > MOST_NEW

    @property
    def newest(self) -> Event | None:
        return self.at(0) if len(self) else None

    def at(self, row: int) -> Event | None:
        """The event of a row; None where its page is not in memory."""
        if row < len(self._new):
            return self._new[-1 - row]
        number, index = divmod(row - len(self._new), PAGE)
        rows = self._first if number == 0 else self._pages.get(number, ())
        return rows[index] if index < len(rows) else None

    def wanted(self, first: int, last: int) -> list[Wanted]:
        """The pages to ask for so that the rows `first` to `last` can be shown."""
        if not self._history:
            return []
        ends = [min(max(row - len(self._new), 0), self._history - 1) // PAGE for row in (first, last)]
        for number in range(ends[0], ends[1] + 1):
            if number in self._pages:
                self._pages.move_to_end(number)
        return [self._way_to(number) for number in range(ends[0], ends[1] + 1) if number and number not in self._pages]

    def _way_to(self, number: int) -> Wanted:
        known = max((one for one in self._cursors if one <= number), default=0)
        return Wanted(number, self._cursors.get(known), (number - known) * PAGE)

    def loaded(self) -> int:
        """Events in memory."""
        return len(self._new) + len(self._first) + sum(map(len, self._pages.values()))
