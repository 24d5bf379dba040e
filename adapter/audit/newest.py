"""The last use of secrets, and who made their newest versions: kept for each name, and put together for each secret."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from adapter.audit.criteria import Criteria
from adapter.audit.events import iso_time, texts
from adapter.audit.histories import Histories, Span
from adapter.audit.latest import MADE_THERE
from adapter.audit.packing import ACT, ACTOR, KIND, TIME, VERSION, Row
from adapter.audit.query import Search
from adapter.audit.storage import Dim
from adapter.model.audit import EventAct, Outcome

T = TypeVar("T")

_OF = " AND s.text IN (SELECT value FROM json_each(?))"
_LAST_USE = "SELECT s.text, l.time FROM last_use l JOIN words s ON s.id = l.secret WHERE 1"
_USED_BY = """
SELECT s.text, c.text, u.time FROM used_by u JOIN words s ON s.id = u.secret JOIN words c ON c.id = u.component WHERE 1
"""
_LAST_MADE = """
SELECT s.text, m.time, m.version, w.text, k.text, a.text FROM last_made m JOIN words s ON s.id = m.secret
JOIN words w ON w.id = m.actor JOIN words k ON k.id = m.kind JOIN words a ON a.id = m.act WHERE 1
"""


@dataclass(frozen=True, slots=True)
class LastUse:
    """When a secret's value was last read, and the components that were seen to, newest first."""

    time: str
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LastMade:
    """Who made a secret's newest version, by Vault's log, and when (nanoseconds)."""

    time: int
    version: int
    actor: str
    actor_kind: str
    act: str


class Newest:
    """Asked for some secrets, by address; None: all. Raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection, secrets: Iterable[str] | None) -> None:
        self._connection = connection
        self._histories = Histories(connection)
        names = self._histories.names
        asked = None if secrets is None else frozenset(secrets)
        spans = {name: self._histories.spans(name) for name in (names if asked is None else names & asked)}
        self._spans = {name: found for name, found in spans.items() if not (len(found) == 1 and found[0].is_whole)}
        self._asked = asked
        self._names = None if asked is None else asked | {span.name for some in spans.values() for span in some}

    def uses(self) -> dict[str, LastUse]:
        """Those that were used."""
        times: dict[str, int] = dict(self._rows(_LAST_USE))
        components: dict[str, dict[str, int]] = {}
        for name, component, time in self._rows(_USED_BY):
            components.setdefault(name, {})[component] = time
        last, by = self._over_spans(times, self._last_use, int), dict(components)
        for secret, spans in self._spans.items():
            by[secret] = self._used_by(spans, components)
        return {
            secret: LastUse(iso_time(time), tuple(sorted(by.get(secret, ()), key=lambda one: (-by[secret][one], one))))
            for secret, time in last.items()
        }

    def made(self) -> dict[str, LastMade]:
        """Those of which the log knows who made a version."""
        stored = {name: LastMade(*rest) for name, *rest in self._rows(_LAST_MADE)}
        return self._over_spans(stored, self._last_made, lambda made: made.time)

    def _rows(self, query: str) -> list[Row]:
        given = () if self._names is None else (json.dumps(list(self._names)),)
        return self._connection.execute(query + (_OF if given else ""), given).fetchall()

    def _over_spans(
        self, stored: Mapping[str, T], look: Callable[[Span], T | None], time: Callable[[T], int]
    ) -> dict[str, T]:
        """By secret, what is kept of each name; of those that were renamed, the newest within their spans."""
        found = {name: one for name, one in stored.items() if self._asked is None or name in self._asked}
        for secret, spans in self._spans.items():
            found.pop(secret, None)
            for span in spans:
                one = stored.get(span.name)
                if one is not None and time(one) > span.until:  # of another secret; what was before is looked for
                    one = look(span)
                if one is not None and time(one) > span.after:
                    found[secret] = one
                    break
        return found

    def _used_by(self, spans: Sequence[Span], components: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for span in spans:
            for component, newest in components.get(span.name, {}).items():
                time = newest if newest <= span.until else self._last_use(span, component)
                if time is not None and time > span.after:
                    found.setdefault(component, time)
        return found

    def _last_use(self, span: Span, component: str = "") -> int | None:
        words: dict[Dim, tuple[str, ...]] = {Dim.COMPONENT: (component,)} if component else {}
        row = self._newest(span, words, (EventAct.USED,), (Outcome.DONE,))
        return row[TIME] if row else None

    def _last_made(self, span: Span) -> LastMade | None:
        row = self._newest(span, {}, MADE_THERE, (Outcome.DONE, Outcome.UNKNOWN), lambda row: bool(row[VERSION]))
        if row is None:
            return None
        words = texts(self._connection, {row[at] for at in (ACTOR, KIND, ACT)})
        return LastMade(row[TIME], row[VERSION], *(words[row[at]] for at in (ACTOR, KIND, ACT)))

    def _newest(
        self,
        span: Span,
        words: dict[Dim, tuple[str, ...]],
        acts: Sequence[EventAct],
        outcomes: Sequence[Outcome],
        takes: Callable[[Row], bool] = lambda _: True,
    ) -> Row | None:
        """The newest event within a span that another secret's later ones under that name hide."""
        words |= {Dim.ACT: tuple(act.value for act in acts), Dim.OUTCOME: tuple(one.value for one in outcomes)}
        wanted = Criteria(words, start=span.after + 1, end=span.until, limit=8)
        return Search(self._connection, wanted, name=span.name).newest(takes)
