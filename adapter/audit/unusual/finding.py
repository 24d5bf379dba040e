"""What a rule marked, put together where it is the same thing going on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from adapter.audit.unusual.rule import Mark, Seen
from adapter.model.unusual import Finding

TOGETHER = 600.0
"""Seconds of quiet after which the same thing is a finding of its own."""

MOST_IDS = 100
"""Request ids that a finding names."""


@dataclass(slots=True, eq=False)
class _Open:
    rule: str
    first: Seen
    last: Seen
    words: str
    count: int = 0
    ids: list[str] = field(default_factory=list)

    def take(self, seen: Seen, mark: Mark) -> None:
        if seen.at >= self.last.at:
            self.last, self.words = seen, mark.words
        elif seen.at < self.first.at:
            self.first = seen
        new = [*mark.ids, seen.id]
        self.count += len(new)
        self.ids += new[: MOST_IDS - len(self.ids)]

    def as_finding(self) -> Finding:
        event = self.last.event
        return Finding(
            rule=self.rule,
            first=self.first.event.time,
            last=event.time,
            count=self.count,
            actor=event.actor,
            actor_kind=event.actor_kind,
            secret=event.secret,
            scope=event.scope,
            address=event.address,
            words=self.words,
            request_ids=self.ids,
        )


class Findings:
    """The newest ones, at most `most`."""

    def __init__(self, most: int = 2000) -> None:
        self._most = most
        self._open: dict[tuple[str, str, str], _Open] = {}
        self._all: list[_Open] = []

    def take(self, rule: str, seen: Seen, mark: Mark, *, by_secret: bool) -> None:
        key = (rule, seen.who, (seen.event.secret or "") if by_secret else "")
        found = self._open.get(key)
        if found is None or seen.at - found.last.at > TOGETHER:
            found = self._open[key] = _Open(rule, seen, seen, mark.words)
            self._all.append(found)
            if len(self._all) > self._most:
                self._all = self._all[-self._most // 2 :]
                kept = set(map(id, self._all))
                self._open = {name: one for name, one in self._open.items() if id(one) in kept}
        found.take(seen, mark)

    def take_back(self, rule: str, identity: str) -> None:
        """The event of that request is none of this rule's after all."""
        for one in reversed(self._all):
            if one.rule == rule and identity in one.ids:
                one.ids.remove(identity)
                one.count -= 1
                if not one.count:
                    self._all.remove(one)
                    self._open = {key: kept for key, kept in self._open.items() if kept is not one}
                return

    def newest(self, since: float = 0.0) -> list[Finding]:
        """Those that went on after `since`, newest first."""
        return [one.as_finding() for one in self._newest(since)]

    def count(self, since: float) -> int:
        return sum(1 for _ in self._newest(since))

    def _newest(self, since: float) -> Iterable[_Open]:
        return sorted((one for one in self._all if one.last.at >= since), key=lambda one: one.last.at, reverse=True)
