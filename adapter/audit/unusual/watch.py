"""The rules at work on the index: what they marked, kept up with what happens."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from adapter.audit.criteria import Criteria
from adapter.audit.histories import Histories
from adapter.audit.storage import Dim
from adapter.audit.unusual import KINDS, rules
from adapter.audit.unusual.expiries import Expiries
from adapter.audit.unusual.finding import Findings
from adapter.audit.unusual.rule import USES, Mark, Rule, Seen
from adapter.audit.unusual.worn_out import ExpiredUse
from adapter.audit.view import AuditView
from adapter.errors import Unreachable
from adapter.model.audit import Event, Outcome
from adapter.model.unusual import Finding

LOOK_BACK = 50_000
"""Events, the newest ones, from which the rules learn what is usual."""

AT_ONCE = 500
"""Changes of the index that are read at once."""

_PATIENCE = 0.02
"""Seconds that a page of events waits for its flags."""

_OWN_FLAG = {kind.NAME: kind.BY_FLAG for kind in KINDS if kind.BY_FLAG}
_BY_SECRET = frozenset({"new_user", "pushed_out", "expired_use", "retired_use", "record_wiped", "record_rewritten"})


class Unusual:
    """Rules, and what they marked of the events that they were shown in the order of time."""

    def __init__(self, expiries: Mapping[str, float], off: Iterable[str] = (), begin: float | None = None) -> None:
        self._rules = rules(expiries, off, begin)
        self._marks: OrderedDict[str, list[str]] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self.findings = Findings()

    def show(self, event: Event, histories: Histories | None = None) -> None:
        """The next event, or what more became known of one that was shown."""
        seen = Seen.of(event, histories)
        again = seen.id in self._seen
        self._remember(seen.id)
        for rule in self._rules:
            marked = rule.NAME in self._marks.get(seen.id, ())
            if marked and rule.BY_FLAG and rule.BY_FLAG not in event.flags:
                self._take_back(rule, seen)
            elif not again or (rule.BY_FLAG and not marked):
                mark = rule.see(seen)
                if mark is not None:
                    self._mark(rule, seen, mark)

    def look_again(self, events: Iterable[Event], histories: Histories | None = None) -> None:
        """Events that were shown, now that other expiries are known."""
        for rule in [rule for rule in self._rules if isinstance(rule, ExpiredUse)]:
            for seen in (Seen.of(event, histories) for event in events):
                marked, mark = rule.NAME in self._marks.get(seen.id, ()), rule.see(seen)
                if marked and mark is None:
                    self._take_back(rule, seen)
                elif mark is not None and not marked and seen.id in self._seen:
                    self._mark(rule, seen, mark)

    def _remember(self, identity: str) -> None:
        self._seen[identity] = None
        if len(self._seen) > 2 * LOOK_BACK:
            self._seen.popitem(last=False)

    def _mark(self, rule: Rule, seen: Seen, mark: Mark) -> None:
        for identity in (*mark.ids, seen.id):
            self._marks.setdefault(identity, []).append(rule.NAME)
        while len(self._marks) > LOOK_BACK:
            self._marks.popitem(last=False)
        self.findings.take(rule.NAME, seen, mark, by_secret=rule.NAME in _BY_SECRET)

    def _take_back(self, rule: Rule, seen: Seen) -> None:
        """With more of its lines read, the event is not what it looked like."""
        self._marks[seen.id].remove(rule.NAME)
        self.findings.take_back(rule.NAME, seen.id)

    def names(self, event: Event) -> list[str]:
        """The rules that marked an event."""
        return self._marks.get(event.request_ids[0], []) if event.request_ids else []


class UnusualWatch:
    """Safe to be asked from several threads; each answer first takes in what is new."""

    def __init__(self, view: AuditView, expiries: Expiries, off: Iterable[str] = ()) -> None:
        self._view = view
        self._off = frozenset(off)
        self._lock = threading.Lock()
        self._expiries = expiries
        self._unusual = Unusual(expiries, self._off)
        self._at: tuple[str, int, int] | None = None

    def newest(self, since: float) -> list[Finding]:
        """Findings that went on after `since` (seconds since 1970), newest first. Raises Unreachable."""
        with self._lock:
            self._catch_up()
            return self._unusual.findings.newest(since)

    def count(self, since: float) -> int:
        """Raises Unreachable."""
        with self._lock:
            self._catch_up()
            return self._unusual.findings.count(since)

    def flagged(self, events: list[Event]) -> list[Event]:
        """The events with the names of the rules that marked them among their flags.

        It hardly waits: while the rules are still looking back, events come as they are. Raises Unreachable.
        """
        if not self._lock.acquire(timeout=_PATIENCE):
            return events
        try:
            if self._at is None:
                threading.Thread(target=self._warm_up, name="unusual", daemon=True).start()
                return events
            self._catch_up()
            return [self._with_names(event) for event in events]
        finally:
            self._lock.release()

    def _warm_up(self) -> None:
        with self._lock, suppress(Unreachable):
            self._catch_up()

    def _with_names(self, event: Event) -> Event:
        names = [name for name in self._unusual.names(event) if not _says_already(event, name)]
        return event.model_copy(update={"flags": [*event.flags, *dict.fromkeys(names)]}) if names else event

    def _catch_up(self) -> None:
        if self._at is None:
            self._look_back()
        self._reconsider()
        while self._at is not None:
            generation, rev, time = self._at
            changed = self._view.changes(generation, rev, time, AT_ONCE)
            if changed and changed[0].generation != generation:
                self._look_back()
                return
            histories = self._view.histories() if changed else None
            for one in sorted(changed, key=lambda one: one.time):
                self._unusual.show(one.event, histories)
            if changed:
                self._at = (generation, changed[-1].rev, max(time, changed[-1].time))
            if len(changed) < AT_ONCE:
                return

    def _reconsider(self) -> None:
        """What was used of secrets whose expiry is known only now, or is another one."""
        changed = self._expiries.news()
        if changed:
            words = {Dim.SECRET: tuple(changed), Dim.ACT: tuple(USES), Dim.OUTCOME: (Outcome.DONE.value,)}
            self._unusual.look_again(self._view.every(Criteria(words), LOOK_BACK)[::-1], self._view.histories())

    def _look_back(self) -> None:
        self._expiries.news()
        since = self._view.since()
        begin = datetime.fromisoformat(since).timestamp() if since else None
        self._unusual = Unusual(self._expiries, self._off, begin)
        generation, rev = self._view.newest_change()
        events, histories = self._view.every(Criteria(), LOOK_BACK), self._view.histories()
        for event in reversed(events):
            self._unusual.show(event, histories)
        self._at = (generation, rev, self._view.now())


def _says_already(event: Event, name: str) -> bool:
    """Whether the index has flagged what the rule marks, by this name or its own."""
    return name in event.flags or _OWN_FLAG.get(name, name) in event.flags
