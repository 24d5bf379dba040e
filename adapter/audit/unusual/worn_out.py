"""Uses of what should not be used any more, and versions whose record is not what it was."""

from __future__ import annotations

from collections.abc import Mapping

from adapter.audit.unusual.rule import FlagRule, Mark, Rule, Seen
from adapter.model.audit import EventAct, Outcome


class ExpiredUse(Rule):
    NAME = "expired_use"
    WHAT = "the value of a secret is used after its expiry, if a list or details showed that since the adapter started"

    def __init__(self, expiries: Mapping[str, float]) -> None:
        """`expiries`: by a secret's address, in seconds since 1970."""
        self._expiries = expiries

    def see(self, seen: Seen) -> Mark | None:
        expiry = self._expiries.get(seen.name)
        if not seen.uses or expiry is None or seen.at <= expiry:
            return None
        return Mark("The secret had expired when it was used.")


class RetiredUse(Rule):
    NAME = "retired_use"
    WHAT = "a value is used in a scope that was retired, or of a secret that was deleted"

    def __init__(self) -> None:
        self._scopes: set[str] = set()
        self._secrets: set[str] = set()

    def see(self, seen: Seen) -> Mark | None:
        event = seen.event
        if event.outcome == Outcome.DONE:
            self._learn(event.act, event.scope or "", seen.secret)
        if not seen.uses:
            return None
        if event.scope in self._scopes:
            return Mark("Its scope had been retired when it was used.")
        return Mark("The secret had been deleted when it was used.") if seen.secret in self._secrets else None

    def _learn(self, act: str, scope: str, secret: str) -> None:
        if act == EventAct.SCOPE_RETIRED:
            self._scopes.add(scope)
        elif act == EventAct.SCOPE_ADDED:
            self._scopes.discard(scope)
        elif act == EventAct.DELETED:
            self._secrets.add(secret)
        elif act in (EventAct.CREATED, EventAct.UPDATED, EventAct.ROLLED_BACK, EventAct.RESTORED):
            self._secrets.discard(secret)


class RecordsWiped(FlagRule):
    NAME = "record_wiped"
    WHAT = "an entry's metadata is written anew as a whole, which drops the records of who made its versions"
    WORDS = "All of the entry's metadata was written anew: versions may have lost who made them, and why."
    BY_FLAG = "metadata_replaced"


class RecordsRewritten(FlagRule):
    NAME = "record_rewritten"
    WHAT = "a version's record is written by itself, later than the version: it may name another author than the log"
    WORDS = "A version's record was written by itself: it may name another author than the vault's log."
    BY_FLAG = "record_written"
