"""What the filter's terms can be finished with: the values seen so far. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from adapter.model.audit import Event

_MOST = 500
"""Values that are kept of a term."""


class KnownValues:
    def __init__(self) -> None:
        self._seen: dict[str, Counter[str]] = {}

    def learn(self, term: str, values: Iterable[str]) -> None:
        """Values that there are, seen or not."""
        seen = self._seen.setdefault(term, Counter())
        seen.update(one for one in values if one in seen or len(seen) < _MOST)

    def see(self, events: Iterable[Event]) -> None:
        for event in events:
            for term, value in _values(event).items():
                if value:
                    self.learn(term, [value])

    def values(self) -> Mapping[str, list[str]]:
        """Of each term, the most frequent first."""
        return {term: [value for value, _ in seen.most_common()] for term, seen in self._seen.items()}


def _values(event: Event) -> dict[str, str | None]:
    return {
        "actor": event.actor,
        "secret": event.secret,
        "scope": event.scope,
        "component": event.component,
        "address": event.address,
    }
