"""What somebody did never before: from there, with that secret, at that hour."""

from __future__ import annotations

from collections import defaultdict

from adapter.audit.unusual.rule import Mark, Rule, Seen
from adapter.model.audit import ActorKind

_MOST = 1000
"""Addresses, or actors, that are remembered of one."""


class NewAddress(Rule):
    NAME = "new_address"
    WHAT = "a value is used from an address from which that actor used none before, after at least 10 uses"
    AFTER = 10

    def __init__(self) -> None:
        self._uses: defaultdict[str, int] = defaultdict(int)
        self._known: defaultdict[str, set[str]] = defaultdict(set)

    def see(self, seen: Seen) -> Mark | None:
        address = seen.event.address
        if not seen.uses or not address:
            return None
        known, before = self._known[seen.who], self._uses[seen.who]
        self._uses[seen.who] += 1
        if address in known or len(known) >= _MOST:
            return None
        known.add(address)
        return Mark(f"The first use by {seen.event.actor} from {address}.") if before >= self.AFTER else None


class NewUser(Rule):
    NAME = "new_user"
    WHAT = "a secret's value is used by a component or person that never used it, after others did at least 10 times"
    AFTER = 10

    def __init__(self) -> None:
        self._uses: defaultdict[str, int] = defaultdict(int)
        self._known: defaultdict[str, set[str]] = defaultdict(set)

    def see(self, seen: Seen) -> Mark | None:
        secret = seen.secret
        if not seen.uses or not secret:
            return None
        known, before = self._known[secret], self._uses[secret]
        self._uses[secret] += 1
        if seen.who in known or len(known) >= _MOST:
            return None
        known.add(seen.who)
        return Mark(f"The first use of this secret by {seen.event.actor}.") if before >= self.AFTER else None


class UnusualHours(Rule):
    NAME = "unusual_hours"
    WHAT = (
        "a person does something 3 hours or more away from every hour of the day (UTC) at which they did anything "
        "before, after at least 50 acts on 5 days; an hour is usual once it was one on 3 days"
    )
    AFTER, DAYS, AWAY, USUAL = 50, 5, 3, 3

    def __init__(self) -> None:
        self._acts: defaultdict[str, int] = defaultdict(int)
        self._days: defaultdict[str, set[int]] = defaultdict(set)
        self._hours: defaultdict[str, set[int]] = defaultdict(set)
        self._odd: defaultdict[tuple[str, int], set[int]] = defaultdict(set)

    def see(self, seen: Seen) -> Mark | None:
        if seen.event.actor_kind not in (ActorKind.PERSON, ActorKind.ACCOUNT):
            return None
        hour, day, hours = seen.moment.hour, int(seen.at // 86_400), self._hours[seen.who]
        settled = self._acts[seen.who] >= self.AFTER and len(self._days[seen.who]) >= self.DAYS
        away = min((min((hour - one) % 24, (one - hour) % 24) for one in hours), default=0)
        self._acts[seen.who] += 1
        if len(self._days[seen.who]) < self.DAYS:
            self._days[seen.who].add(day)
        if settled and away >= self.AWAY:
            self._odd[seen.who, hour].add(day)
            if len(self._odd[seen.who, hour]) >= self.USUAL:
                hours.add(hour)
            return Mark(f"{seen.event.actor} did something at {hour:02}h UTC, and never did around that hour.")
        hours.add(hour)
        return None
