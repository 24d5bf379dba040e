"""The live stream of events: from now on, or from the last one that was seen."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from adapter.audit.criteria import Criteria, by_history, matches
from adapter.audit.facts import INTENT, OTHER_CLIENT
from adapter.audit.view import AuditView, Changed
from adapter.errors import Invalid, Unreachable
from adapter.model.audit import Event, EventAct, EventFilter, Outcome, Streamed
from adapter.service.app import Act
from adapter.service.auditing import audit_view, permitted
from adapter.service.unusual import flagged

LOOK = 0.05
"""Seconds between two looks at the index."""

ASK_AGAIN = 30.0
"""Seconds after which the vault is asked once more what the caller may see; the stream ends with the token."""

WAIT_FOR_ANSWER = 5.0
"""Seconds that a request without an answer is held back: its answer is usually the log's next line."""

WAIT_FOR_ACT = 0.15
"""Seconds that a look at a secret through an adapter is held back: most are the beginning of a change."""

_ID = re.compile(r"([0-9a-f]{1,32})\.([0-9]{1,18})\.([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Position:
    """After which change of which index a stream goes on; the time is what another index is asked from."""

    generation: str
    rev: int
    time: int

    def __str__(self) -> str:
        return f"{self.generation}.{self.rev}.{self.time}"


def position_of(text: str) -> Position:
    """Raises Invalid."""
    found = _ID.fullmatch(text)
    if found is None:
        raise Invalid.field("Last-Event-ID", "That is no id of this stream.", hint="Send the last one that came.")
    return Position(found[1], int(found[2]), int(found[3]))


async def follow(act: Act, wanted: EventFilter, after: str | None) -> AsyncIterator[Streamed | None]:
    """Events as they happen and as they become known better (`requestIds[0]` stays); None while nothing does.

    Raises as `list_events` does, before the first; later NotSignedIn when the caller's token has ended.
    """
    view = audit_view(act)
    criteria = await permitted(act, wanted)
    if after:
        begin = position_of(after)
    else:
        generation, rev = await asyncio.to_thread(view.newest_change)
        begin = Position(generation, rev, view.now())
    return _Stream(act, wanted, view, criteria, begin).run()


@dataclass(frozen=True, slots=True)
class _Held:
    until: float
    rev: int


class _Stream:
    def __init__(self, act: Act, wanted: EventFilter, view: AuditView, criteria: Criteria, begin: Position) -> None:
        self._act = act
        self._wanted = wanted
        self._view = view
        self._criteria = criteria
        self._at = begin
        self._asked = time.monotonic()
        self._held: dict[int, _Held] = {}

    async def run(self) -> AsyncIterator[Streamed | None]:
        while True:
            for event in await flagged(self._act, await self._fitting()):
                yield Streamed(id=str(self._resumed_from()), event=event)
            yield None
            await asyncio.sleep(LOOK)
            if time.monotonic() - self._asked > ASK_AGAIN:
                self._criteria = await permitted(self._act, self._wanted)
                self._asked = time.monotonic()

    async def _fitting(self) -> list[Event]:
        """What changed since the last look; where it cannot be read now (it is made anew), nothing."""
        try:
            changed = await asyncio.to_thread(self._view.changes, self._at.generation, self._at.rev, self._at.time)
            if not changed and not self._held:
                return []
            histories = await asyncio.to_thread(self._view.histories) if by_history(self._criteria) else None
            held = await self._overdue()
        except Unreachable:
            return []
        for change in changed:
            self._take(change)
        news = held + [change.event for change in changed if change.row not in self._held]
        return [event for event in news if matches(event, self._criteria, histories)]

    def _take(self, change: Changed) -> None:
        self._at = Position(change.generation, change.rev, max(change.time, self._at.time))
        wait = _wait(change.event)
        if wait:
            self._held[change.row] = _Held(time.monotonic() + wait, change.rev)

    def _resumed_from(self) -> Position:
        """After which change a stream goes on that ends now: what is held back is told again."""
        first = min((held.rev for held in self._held.values()), default=self._at.rev + 1)
        return replace(self._at, rev=min(self._at.rev, first - 1))

    async def _overdue(self) -> list[Event]:
        """What was held back and has not become another event meanwhile."""
        due = [row for row, held in self._held.items() if held.until < time.monotonic()]
        if not due:
            return []
        for row in due:
            del self._held[row]
        return [event for _, event in await asyncio.to_thread(self._view.still_there, due)]


def _wait(event: Event) -> float:
    """Seconds for which an event is held back: its next lines, mostly there at once, say what it is."""
    if event.outcome == Outcome.UNKNOWN or INTENT in event.flags:
        return WAIT_FOR_ANSWER
    if event.act == EventAct.VIEWED and event.secret and event.client != OTHER_CLIENT:
        return WAIT_FOR_ACT
    return 0.0
