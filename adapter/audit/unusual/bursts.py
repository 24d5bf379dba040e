"""What is unusual by how much of it there is in how short a time."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from adapter.audit.unusual.rule import MAKES_VERSION, Mark, Rule, Seen
from adapter.model.audit import Outcome


@dataclass(slots=True)
class Window:
    """What one did within the span: when, what and the event's id, oldest first; how often each `what`."""

    rows: deque[tuple[float, str, str]] = field(default_factory=deque)
    kinds: Counter[str] = field(default_factory=Counter)


class Recent:
    """What each did within the last `span` seconds. Taking an event into account costs the same in any crowd."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._windows: defaultdict[str, Window] = defaultdict(Window)
        self._taken = 0

    def add(self, key: str, seen: Seen, what: str = "") -> Window:
        """All of `key` that is within the span now."""
        window = self._windows[key]
        window.rows.append((seen.at, what, seen.id))
        window.kinds[what] += 1
        while window.rows[0][0] < seen.at - self._span:
            _, old, _ = window.rows.popleft()
            window.kinds[old] -= 1
            if not window.kinds[old]:
                del window.kinds[old]
        self._taken += 1
        if self._taken % 10_000 == 0:
            self._forget_before(seen.at)
        return window

    def _forget_before(self, at: float) -> None:
        """Drop whoever has been quiet, so that memory does not grow with the names."""
        for key in [key for key, one in self._windows.items() if one.rows[-1][0] < at - self._span]:
            del self._windows[key]


def _earlier(window: Window, count: int) -> tuple[str, ...]:
    """The events that became a burst with this one."""
    return tuple(row[2] for row in window.rows)[:-1] if len(window.rows) == count else ()


class DenialBurst(Rule):
    NAME = "denial_burst"
    WHAT = "an actor is denied 5 times or more within a minute"
    COUNT, SPAN = 5, 60

    def __init__(self) -> None:
        self._recent = Recent(self.SPAN)

    def see(self, seen: Seen) -> Mark | None:
        if seen.event.outcome != Outcome.DENIED:
            return None
        window = self._recent.add(f"{seen.who} {seen.event.address}", seen)
        count = len(window.rows)
        if count < self.COUNT:
            return None
        return Mark(f"{seen.event.actor} was denied {count} times within a minute.", _earlier(window, self.COUNT))


class ManySecrets(Rule):
    NAME = "many_secrets"
    WHAT = "an actor uses 20 different secrets or more within 5 minutes, and more than twice as many as ever before"
    COUNT, SPAN = 20, 300

    def __init__(self) -> None:
        self._recent = Recent(self.SPAN)
        self._most: defaultdict[str, int] = defaultdict(int)
        self._before: defaultdict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))

    def see(self, seen: Seen) -> Mark | None:
        if not seen.uses or not seen.secret:
            return None
        count = len(self._recent.add(seen.who, seen, seen.secret).kinds)
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
        if event.act not in MAKES_VERSION or event.outcome != Outcome.DONE or not seen.secret:
            return None
        window = self._recent.add(f"{seen.who} {seen.secret}", seen)
        count = len(window.rows)
        if count < self.COUNT:
            return None
        return Mark(f"{event.actor} wrote {count} versions of it within an hour.", _earlier(window, self.COUNT))
