"""What a rule is given and what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from adapter.audit.criteria import nanoseconds_of
from adapter.audit.histories import Histories
from adapter.model.audit import Event, EventAct, Outcome

USES = frozenset({EventAct.USED, EventAct.WRAPPED, EventAct.DECRYPTED})
"""The acts that hand out what is secret."""

MAKES_VERSION = frozenset({EventAct.CREATED, EventAct.UPDATED, EventAct.ROLLED_BACK})


@dataclass(frozen=True, slots=True)
class Seen:
    """An event and when it was, in seconds since 1970.

    `secret`: a word for its secret that is the same one under each name that it had; `name`: its name now.
    """

    event: Event
    at: float
    secret: str
    name: str

    @classmethod
    def of(cls, event: Event, histories: Histories | None = None) -> Seen:
        secret, moment = event.secret or "", datetime.fromisoformat(event.time)
        first = now = secret
        if histories is not None and secret in histories.names:
            at = nanoseconds_of(moment)
            first, now = histories.first(secret, at), histories.present(secret, at)
        return cls(event, moment.timestamp(), first, now)

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def id(self) -> str:
        return self.event.request_ids[0] if self.event.request_ids else ""

    @property
    def who(self) -> str:
        """The actor, told from others of that name by what it is."""
        return f"{self.event.actor_kind} {self.event.actor}"

    @property
    def uses(self) -> bool:
        """Whether a value was handed out."""
        return self.event.act in USES and self.event.outcome == Outcome.DONE


@dataclass(frozen=True, slots=True)
class Mark:
    """`words`: what is unusual, one sentence. `ids`: the first request ids of earlier events that belong to it."""

    words: str
    ids: tuple[str, ...] = ()


class Rule(ABC):
    """`NAME` stands in an event's flags and in the settings; `WHAT` says when it marks, thresholds included."""

    NAME: ClassVar[str]
    WHAT: ClassVar[str]
    BY_FLAG: ClassVar[str] = ""
    """The flag that says it all, which an event may get later."""

    @abstractmethod
    def see(self, seen: Seen) -> Mark | None:
        """Take an event into account; the mark that it gets."""


class FlagRule(Rule):
    """Marks what the index has flagged already."""

    WORDS: ClassVar[str]

    def see(self, seen: Seen) -> Mark | None:
        return Mark(self.WORDS) if self.BY_FLAG in seen.event.flags else None
