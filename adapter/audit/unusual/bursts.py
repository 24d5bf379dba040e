"""What is unusual by how much of it there is in how short a time."""

from __future__ import annotations

from collections import defaultdict, deque

from adapter.audit.unusual.rule import MAKES_VERSION, Mark, Rule, Seen
from adapter.model.audit import Outcome


class Recent:
    """What one actor did within the last `span` seconds: when, what, and the event's id."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._rows: defaultdict[str, deque[tuple[float, str, str]]] = defaultdict(deque)

    def add(self, key: str, seen: Seen, what: str = "") -> list[tuple[float, str, str]]:
        """All that is within the span now, oldest first."""
        rows = self._rows[key]
        rows.append((seen.at, what, seen.id))
        while rows and rows[0][0] < seen.at - self._span:
            rows.popleft()
        return list(rows)

    def forget_before(self, at: float) -> None:
        """Drop whoever has been quiet, so that memory does not grow with the names."""
        for key in [key for key, rows in self._rows.items() if not rows or rows[-1][0] < at - self._span]:
            del self._rows[key]


class DenialBurst(Rule):
    NAME = "denial_burst"
    WHAT = "an actor is denied 5 times or more within a minute"
    COUNT, SPAN = 5, 60

    def __init__(self) -> None:
        self._recent = Recent(self.SPAN)
        self._seen = 0

    def see(self, seen: Seen) -> Mark | None:
        if seen.event.outcome != Outcome.DENIED:
            return None
        rows = self._recent.add(f"{seen.who} {seen.event.address}", seen)
        self._seen += 1
        if self._seen % 10_000 == 0:
            self._recent.forget_before(seen.at)
        if len(rows) < self.COUNT:
            return None
        earlier = tuple(row[2] for row in rows[:-1]) if len(rows) == self.COUNT else ()
        return Mark(f"{seen.event.actor} was denied {len(rows)} times within a minute.", earlier)


class ManySecrets(Rule):
    NAME = "many_secrets"
    WHAT = "an actor uses 20 different secrets or more within 5 minutes, and more than twice as many as ever before"
    COUNT, SPAN = 20, 300

    def __init__(self) -> None:
        self._recent = Recent(self.SPAN)
        self._most: defaultdict[str, int] = defaultdict(int)
        self._before: defaultdict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))

    def see(self, seen: Seen) -> Mark | None:
        if not seen.uses or not seen.event.secret:
            return None
        rows = self._recent.add(seen.who, seen, seen.event.secret)
        count = len({row[1] for row in rows})
        usual = self._usual(seen, count)
        if count < self.COUNT or count <= 2 * usual:
            return None
        return Mark(f"{seen.event.actor} used {count} different secrets within 5 minutes.")

    def _usual(self, seen: Seen, count: int) -> int:
        """The most within one span before this one began: a burst is not its own precedent."""
        at, most = self._before[seen.who]
        if seen.at - at > self.SPAN:
            self._most[seen.who] = max(self._most[seen.who], most)
            most = 0
        self._before[seen.who] = (seen.at, max(most, count))
        return self._most[seen.who]


class PushedOut(Rule):
    NAME = "pushed_out"
    WHAT = "one actor writes 10 versions of a secret or more within an hour, which pushes its old versions out"
    COUNT, SPAN = 10, 3600

    def __init__(self) -> None:
        self._recent = Recent(self.SPAN)

    def see(self, seen: Seen) -> Mark | None:
        event = seen.event
        if event.act not in MAKES_VERSION or event.outcome != Outcome.DONE or not event.secret:
            return None
        rows = self._recent.add(f"{seen.who} {event.secret}", seen)
        if len(rows) < self.COUNT:
            return None
        earlier = tuple(row[2] for row in rows[:-1]) if len(rows) == self.COUNT else ()
        return Mark(f"{event.actor} wrote {len(rows)} versions of it within an hour.", earlier)
