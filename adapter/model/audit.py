"""Events of the audit view, the filter that chooses among them, and the answers of the `/audit` calls."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from adapter.model.rights import TemporaryView
from adapter.model.wire import Answer, Revealed, Wire

PAGE = 100
MOST = 1000
"""Events of a page: when no limit is given, and at most."""


class EventAct(StrEnum):
    """What was done. `VIEWED` is metadata, `USED` the value."""

    CREATED = "created"
    UPDATED = "updated"
    ROLLED_BACK = "rolled_back"
    EDITED = "edited"
    RENAMED = "renamed"
    MOVED = "moved"
    VIEWED = "viewed"
    USED = "used"
    WRAPPED = "wrapped"
    VERSION_DELETED = "version_deleted"
    VERSION_UNDELETED = "version_undeleted"
    VERSION_DESTROYED = "version_destroyed"
    DELETED = "deleted"
    ENCRYPTED = "encrypted"
    DECRYPTED = "decrypted"
    KEY_ROTATED = "key_rotated"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    GRANTED = "granted"
    REVOKED = "revoked"
    SCOPE_ADDED = "scope_added"
    SCOPE_RETIRED = "scope_retired"
    COMPONENT_ADDED = "component_added"
    COMPONENT_ROTATED = "component_rotated"
    COMPONENT_REMOVED = "component_removed"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    POLICY_CHANGED = "policy_changed"
    OTHER = "other"


class Outcome(StrEnum):
    """How it ended. `UNKNOWN`: Vault logged the request and no answer; the act may have taken place all the same."""

    DONE = "done"
    DENIED = "denied"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ActorKind(StrEnum):
    """What Vault's record says the actor is. `BEARER`: whoever held a wrapping token; `TOKEN`: a token of no entity."""

    PERSON = "person"
    ACCOUNT = "account"
    COMPONENT = "component"
    ADAPTER = "adapter"
    BEARER = "bearer"
    TOKEN = "token"  # noqa: S105
    ROOT = "root"
    UNKNOWN = "unknown"


TEMPORARY = "TEMPORARY"
"""The `role` of a use with temporary access."""


class Event(Answer):
    """One thing that happened, from one or more pairs of lines of Vault's audit log.

    `actor`, `actor_kind`, `role`, `component` and `address` are Vault's record; `reason` and `client` are the caller's
    own words. `secret` is an address (`environment/production/db_password`), or what else was acted on (a policy, a
    group, a sign-in's mount); `scope` is None outside every scope. `time` is ISO 8601 with microseconds.
    `request_ids` name Vault's requests; the first one stays the same when later lines add to an event.
    """

    time: str
    actor: str
    actor_kind: str
    role: str | None = None
    act: str
    secret: str | None = None
    version: int | None = None
    scope: str | None = None
    reason: str | None = None
    component: str | None = None
    client: str | None = None
    address: str | None = None
    outcome: str
    flags: list[str] = []
    request_ids: list[str] = []


class EventFilter(Wire):
    """Which events; every criterion that is given must fit. Several words in one, separated by commas, are any of them;
    a word with `-` before it is none of them (`act`: `-viewed`), in all but the times and `q`.

    `secret` is an address, an id or a reference; `from_` and `to` are ISO 8601 times or spans before now (`2d`, `90m`);
    `q` words are looked for in every text of an event. `cursor` is a page's `next`; `offset` passes over as many events
    after it.
    """

    secret: str | None = None
    scope: str | None = None
    actor: str | None = None
    component: str | None = None
    act: str | None = None
    outcome: str | None = None
    client: str | None = None
    address: str | None = None
    from_: str | None = Field(None, alias="from")
    to: str | None = None
    q: str | None = None
    limit: int | None = Field(None, ge=1, le=MOST)
    cursor: str | None = None
    offset: int | None = Field(None, ge=0)

    def query(self) -> dict[str, str]:
        """What is given, as the parameters of a call."""
        given = self.model_dump(by_alias=True, exclude_none=True)
        return {name: str(value) for name, value in given.items()}


class Reading(Answer):
    """How far the view has read: since when the log is known, and how much of it is still to be read.

    `behind_bytes` of the log are not in the view yet; `problem` says why when it cannot go on.
    """

    since: str | None = None
    until: str | None = None
    events: int = 0
    behind_bytes: int = 0
    problem: str | None = None


class EventPage(Answer):
    """Events, newest first; `next` is the cursor of the page after it, `total` how many fit the filter in all."""

    events: list[Event]
    next: str | None = None
    total: int = 0
    reading: Reading = Reading()


class Streamed(Answer):
    """One message of the live stream: `id` resumes it."""

    id: str
    event: Event


class RawLines(Answer):
    """What Vault logged of one request, in readable JSON: strings are hashed, what is not is left out."""

    request_id: str
    lines: list[str]


class Use(Answer):
    """Who had a value in their hands: one actor from one address through one client.

    `act`: `used`, `wrapped`, or `backed_up`, in a file; of a version's author `created`, `updated` or `restored`.
    `temporary`: with a token that was given to them for a while.
    """

    act: str = EventAct.USED.value
    actor: str
    actor_kind: str
    component: str | None = None
    address: str | None = None
    client: str | None = None
    secret: str
    version: int | None = None
    count: int
    first: str
    last: str
    temporary: bool = False


class Touched(Answer):
    """One secret that somebody touched: which acts, how often, first and last time."""

    secret: str
    acts: dict[str, int]
    first: str
    last: str


class Investigation(Answer):
    """What is known of one secret's uses, or of all that one actor or component touched.

    `uses` of a secret are newest first; `rotated_at` is when its current value came to be, so a use before it was of an
    earlier one. `wrote`: the authors of its versions, who knew what they wrote, in the same way. `may_read`: temporary
    access to it that has not ended, used or not; None where that was not asked: of somebody, or for a caller who may
    not see it. `known_since`: the log says nothing of what was before.
    """

    subject: str
    kind: Literal["secret", "actor", "component"]
    known_since: str | None
    rotated_at: str | None = None
    uses: list[Use] = []
    wrote: list[Use] = []
    may_read: list[TemporaryView] | None = None
    touched: list[Touched] = []


def had_it(found: Investigation) -> list[Use]:
    """Who used a secret's value and who wrote it, newest first."""
    return sorted([*found.uses, *found.wrote], key=lambda use: use.last, reverse=True)


def is_written(use: Use) -> bool:
    """Whether it is an author's."""
    return use.act in (EventAct.CREATED, EventAct.UPDATED, EventAct.RESTORED)


class LeakQuery(Wire):
    """A whole string that was found somewhere it should not be."""

    value: Revealed


class LeakHit(Answer):
    """An event whose lines carry the string: in what was sent, in what was answered, and under which keys."""

    event: Event
    sent: bool
    answered: bool
    fields: list[str]


class LeakReport(Answer):
    """Where a string occurs in Vault's log. Whole strings only: a part of one has another hash.

    `devices` are the audit devices whose key was used; `lines` were searched.
    """

    hits: list[LeakHit]
    devices: list[str]
    lines: int
    note: str
