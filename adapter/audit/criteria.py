"""What of the events is asked for, checked: an `EventFilter` as times, words and a place in the order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapter.audit.histories import END, Histories, scope_of
from adapter.audit.storage import Dim, tokens
from adapter.errors import Invalid, NotFound
from adapter.model.address import Address
from adapter.model.audit import PAGE, Event, EventAct, EventFilter, Outcome
from adapter.model.records import parse_time

_SPAN = re.compile(r"([0-9]{1,5})([smhdw])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = 86_400 * 10**9 - 1000
"""Nanoseconds from a day's first microsecond to its last."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CURSOR = re.compile(r"([0-9]{1,19})-([0-9a-f]{32})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NOT = "-"
"""Before a word: the events that have it are left out."""

ANY_WORD = (
    Dim.ACT, Dim.OUTCOME, Dim.ACTOR, Dim.ROLE, Dim.SCOPE, Dim.COMPONENT, Dim.CLIENT, Dim.ADDRESS, Dim.FLAG, Dim.TOKEN,
)  # fmt: skip
"""Where the words of `q` are looked for."""

WHOLE_BELOW = 3
"""Shorter words of `q` must be whole: too much has a single letter in it."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """`words`: in each of these columns, any of these texts; `without`: none of these. `scopes` None: all; else only
    events of those.

    Times are nanoseconds since 1970; `before` is the event (time, request id) that the page follows, `offset` events
    further on.
    """

    words: dict[Dim, tuple[str, ...]] = field(default_factory=dict)
    without: dict[Dim, tuple[str, ...]] = field(default_factory=dict)
    q: tuple[str, ...] = ()
    start: int = 0
    end: int = END
    before: tuple[int, bytes] | None = None
    limit: int = PAGE
    scopes: frozenset[str] | None = None
    offset: int = 0


def nanoseconds_of(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def moment_of(field_name: str, text: str, now: datetime, *, ends: bool = False) -> int:
    """A time, or a span before `now`, in nanoseconds. A day is its begin, or with `ends` its end. Raises Invalid."""
    span = _SPAN.fullmatch(text)
    if span:
        return max(0, nanoseconds_of(now - timedelta(**{_UNITS[span[2]]: int(span[1])})))
    moment = parse_time(text)
    if moment is None:
        raise Invalid.field(field_name, "This is no time.", hint="Write 2026-11-23, 2026-11-23T09:12:00Z, or 2d, 90m.")
    whole_day = _DAY if ends and _DATE.fullmatch(text) else 0
    return max(0, nanoseconds_of(moment) + whole_day)


def criteria_of(wanted: EventFilter, now: datetime, scopes: Iterable[str] | None = None) -> Criteria:
    """Raises Invalid, naming the field."""
    given: dict[Dim, tuple[str, ...]] = {
        dim: _split(text)
        for dim, text in (
            (Dim.SCOPE, wanted.scope), (Dim.ACTOR, wanted.actor), (Dim.COMPONENT, wanted.component),
            (Dim.CLIENT, wanted.client), (Dim.ADDRESS, wanted.address), (Dim.SECRET, wanted.secret),
        )
        if text
    }  # fmt: skip
    if wanted.act:
        given[Dim.ACT] = _known("act", wanted.act, set(EventAct))
    if wanted.outcome:
        given[Dim.OUTCOME] = _known("outcome", wanted.outcome, set(Outcome))
    return Criteria(
        _chosen(given, left_out=False),
        _chosen(given, left_out=True),
        tuple(tokens(wanted.q or "")[:8]),
        moment_of("from", wanted.from_, now) if wanted.from_ else 0,
        moment_of("to", wanted.to, now, ends=True) + 999
        if wanted.to
        else END,  # an event's time is shown in microseconds
        _cursor(wanted.cursor) if wanted.cursor else None,
        wanted.limit or PAGE,
        frozenset(scopes) if scopes is not None else None,
        wanted.offset or 0,
    )


def _chosen(given: Mapping[Dim, Iterable[str]], *, left_out: bool) -> dict[Dim, tuple[str, ...]]:
    """Of the words of each column those that must fit, or those that must not."""
    found = {}
    for dim, words in given.items():
        chosen = [_bare(word) for word in words if _is_left_out(word) is left_out]
        if chosen:
            found[dim] = tuple(map(secret_path, chosen) if dim is Dim.SECRET else chosen)
    return found


def _is_left_out(word: str) -> bool:
    return len(word) > 1 and word.startswith(NOT)


def _bare(word: str) -> str:
    return word[1:] if _is_left_out(word) else word


def secret_path(text: str) -> str:
    """A secret's address, from an address, an id or a reference."""
    text = text.removeprefix("secret://").partition("?")[0].partition("#")[0]
    if "/" in text or "~" not in text:
        return text
    try:
        return Address.from_id(text).path
    except NotFound:
        return text


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _known(name: str, text: str, words: Iterable[str]) -> tuple[str, ...]:
    given = tuple(word.lower() for word in _split(text))
    wrong = set(map(_bare, given)) - set(words)
    if wrong:
        hint = f"{_misplaced(wrong)}One of: {', '.join(sorted(words))}."
        raise Invalid.field(name, f"There is no such {name}.", hint=hint)
    return given


def _misplaced(wrong: set[str]) -> str:
    """For a word that belongs to the other filter."""
    for name, words in (("an outcome", Outcome), ("an act", EventAct)):
        for word in sorted(wrong & set(words)):
            return f"{word} is {name}. "
    return ""


def cursor_of(time: int, request: bytes) -> str:
    return f"{time}-{request.hex()}"


def _cursor(text: str) -> tuple[int, bytes]:
    found = _CURSOR.fullmatch(text)
    if found is None or int(found[1]) > END:
        raise Invalid.field("cursor", "That is not a cursor.", hint="Send the next of the page before.")
    return int(found[1]), bytes.fromhex(found[2])


def by_history(wanted: Criteria) -> bool:
    """Whether what fits depends on which names secrets had before."""
    return Dim.SECRET in wanted.words or Dim.SECRET in wanted.without or wanted.scopes is not None


def matches(event: Event, wanted: Criteria, histories: Histories | None) -> bool:
    """Whether an event fits; the same as a search decides. `histories` are needed as `by_history` says."""
    values = {
        Dim.ACT: event.act, Dim.OUTCOME: event.outcome, Dim.ACTOR: event.actor, Dim.ROLE: event.role,
        Dim.SECRET: event.secret, Dim.SCOPE: event.scope, Dim.REASON: event.reason, Dim.COMPONENT: event.component,
        Dim.CLIENT: event.client, Dim.ADDRESS: event.address,
    }  # fmt: skip
    moment = parse_time(event.time)
    at = nanoseconds_of(moment) if moment else 0
    found = {token for text in (*values.values(), *event.flags) if text for token in tokens(text)}
    name = event.secret or ""

    def fits(dim: Dim, texts: tuple[str, ...]) -> bool:
        if dim is Dim.SECRET and histories is not None:
            return any(span.has(name, at) for text in texts for span in histories.spans(text))
        return values.get(dim) in texts

    return (
        all(fits(dim, texts) for dim, texts in wanted.words.items())
        and not any(fits(dim, texts) for dim, texts in wanted.without.items())
        and all(_stands_in(part, found) for part in wanted.q)
        and wanted.start <= at <= wanted.end
        and (wanted.scopes is None or _scope_now(event, at, histories) in wanted.scopes)
    )


def _scope_now(event: Event, at: int, histories: Histories | None) -> str | None:
    """Of an event of a secret that was moved, the scope in which the secret is now."""
    if event.secret is None or histories is None or event.secret not in histories.names:
        return event.scope
    now = histories.present(event.secret, at)
    return event.scope if now == event.secret else scope_of(now)


def _stands_in(part: str, found: Iterable[str]) -> bool:
    return part in found if len(part) < WHOLE_BELOW else any(part in token for token in found)
