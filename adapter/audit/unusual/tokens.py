"""What is unusual by the token that it was done with."""

from __future__ import annotations

from adapter.audit.folding import UNPROVEN, WITHOUT_INTENT
from adapter.audit.unusual.rule import FlagRule, Mark, Rule, Seen
from adapter.model.audit import ActorKind


class RootToken(Rule):
    NAME = "root_token"
    WHAT = "a root token is used directly; not in the first 10 minutes of the log, when a server is set up"
    SETTING_UP = 600

    def __init__(self, begin: float | None = None) -> None:
        """`begin`: when the log begins, in seconds since 1970; None: with the first event that is seen."""
        self._begin = begin

    def see(self, seen: Seen) -> Mark | None:
        if self._begin is None:
            self._begin = seen.at
        if seen.event.actor_kind != ActorKind.ROOT or seen.at - self._begin < self.SETTING_UP:
            return None
        return Mark("A root token was used, which nothing limits and which names nobody.")


class ActUnproven(FlagRule):
    NAME = "act_unproven"
    WHAT = "something is done with what looks like an act token, whose mint by the adapter is not in the log"
    WORDS = "Done with what looks like a token of the adapter, which the adapter did not make."
    BY_FLAG = UNPROVEN


class ActWithoutIntent(FlagRule):
    NAME = WITHOUT_INTENT
    WHAT = "something is done with an act token, and the person it names did not write the intent before"
    WORDS = "A token of the adapter acted for somebody who had not asked for that with their own."
    BY_FLAG = WITHOUT_INTENT
