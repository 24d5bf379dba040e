"""Events from the facts of one group: what the adapter did in several requests for one act shows as that act.

The result depends on the facts alone, not on the order in which they were read. Only an act token whose mint by the
adapter stands in the log is folded into the act of the person it was minted for, and only its reads do not count as
use. A person's own requests are folded only with each other, for one entry, within a minute, and a value's read never.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapter.audit.actors import CLAIM
from adapter.audit.facts import ACCOUNT, INTENT, RECORD, REPLACED, TEMPORARY, Fact, Link, asked_key, shared_key
from adapter.model.address import Address
from adapter.model.audit import TEMPORARY as TEMPORARY_ROLE
from adapter.model.audit import ActorKind, Outcome
from adapter.model.audit import EventAct as Act

TOGETHER = 60_000_000_000
"""Nanoseconds from the first request of an act to its last."""

UNPROVEN = "act_unproven"
"""Made with what looks like an act token, whose mint by the adapter is not in the log."""

WITHOUT_INTENT = "act_without_intent"
"""Something was done with an act token, and the person it names had not written the intent for it before."""

UNKNOWN_WRAP = "wrap_unknown"
"""What was unwrapped is not known: the wrapping is not in the log."""

_WEIGHT: dict[str, int] = {
    Act.VIEWED: 0,
    Act.EDITED: 1,
    Act.VERSION_DELETED: 2,
    Act.VERSION_UNDELETED: 2,
    Act.UPDATED: 3,
    Act.CREATED: 4,
    Act.USED: 5,
    Act.ROLLED_BACK: 6,
    Act.RENAMED: 6,
    Act.MOVED: 6,
    Act.VERSION_DESTROYED: 7,
    Act.DELETED: 7,
    Act.BACKED_UP: 8,
    Act.RESTORED: 8,
}
_NAMED = {"compared": Act.VIEWED.value}
"""Acts of the adapter that the audit view has another word for: which fields of two versions differ."""

_ACTS = frozenset(act.value for act in Act)
_ALONE = frozenset(
    {Act.USED, Act.WRAPPED, Act.ENCRYPTED, Act.DECRYPTED, Act.KEY_ROTATED, Act.DELETED, Act.VERSION_DESTROYED}
)
"""Each of these is an event of its own, whatever header it came with; so is each refusal."""

_GIVEN_TO = frozenset({ActorKind.PERSON.value, ActorKind.ACCOUNT.value, ActorKind.COMPONENT.value})

_OF_AN_ACT = frozenset({Act.ROLLED_BACK, Act.RENAMED, Act.MOVED, Act.RESTORED})


def merged(known: Fact, other: Fact) -> Fact:
    """One request's two lines as one fact: the answer says more, the request says when."""
    best = known if known.answered or not other.answered else other
    best.time = min(known.time, other.time)
    return best


def fold(facts: Iterable[Fact], links: Mapping[int, Link]) -> list[list[Fact]]:
    """The group's facts, resolved and put together; the first of each list is what the event shows."""
    by_id: dict[bytes, Fact] = {}
    for fact in facts:
        known = by_id.get(fact.id)
        by_id[fact.id] = merged(known, fact) if known else fact
    if len(by_id) == 1:
        return [[fact] for fact in by_id.values()]
    events: list[list[Fact]] = []
    alone: list[list[Fact]] = []
    begun: list[Fact] | None = None
    for fact in sorted(by_id.values(), key=_order):
        if _is_alone(fact, links):
            events.append([fact])
            alone.append(events[-1])
        elif begun is not None and fact.time - begun[0].time <= TOGETHER:
            begun.append(fact)
        else:
            begun = [fact]
            events.append(begun)
    return _with_views(events, alone)


def _is_alone(fact: Fact, links: Mapping[int, Link]) -> bool:
    """Whether a fact is an event of its own: a use, a refusal, what an unproven act token did."""
    if fact.acting:
        return fact.link not in links
    return fact.act in _ALONE or (fact.outcome == Outcome.DENIED and fact.act != Act.VIEWED)


def _with_views(events: list[list[Fact]], alone: list[list[Fact]]) -> list[list[Fact]]:
    """Whoever uses a value or a key, or tries to, looks at its metadata as well: that is no event beside it."""
    kept = []
    for event in events:
        near = [use for use in alone if use is not event and abs(use[0].time - event[0].time) <= TOGETHER]
        if near and all(fact.act == Act.VIEWED and not fact.acting for fact in event):
            near[0].extend(event)
        else:
            kept.append(event)
    for event in kept:
        event.sort(key=_order)
    return sorted(kept, key=lambda event: _order(event[0]))


def _order(fact: Fact) -> tuple[int, bytes]:
    return fact.time, fact.id


def shown(event: list[Fact], links: Mapping[int, Link]) -> Fact:
    """The one fact that an event shows, of all its facts; `event` is in the order of time."""
    if len(event) == 1 and not event[0].link and not event[0].flags:
        return event[0]
    facts = [_resolved(fact, links) for fact in event]
    proven = {fact.id for fact in event if fact.acting and fact.link in links}
    main = max(facts, key=lambda fact: (fact.id in proven, _WEIGHT.get(fact.act, 5), fact.time, fact.id))
    acts = {fact.act for fact in facts}
    flags = {flag for fact in facts for flag in fact.flags}
    if proven and not _asked(event, links):
        flags.add(WITHOUT_INTENT)
    if proven:
        flags -= {INTENT, RECORD, REPLACED}
    elif acts - {Act.VIEWED, Act.EDITED}:
        flags -= {INTENT, RECORD}
    elif RECORD in flags:
        flags -= {INTENT}
    return Fact(
        facts[0].id, facts[0].time, main.act, main.outcome, main.actor, main.kind, main.entity,
        next((fact.role for fact in facts if fact.role), ""),
        main.secret, main.scope, main.version or max((f.version for f in facts if f.act == main.act), default=0),
        main.reason or next((fact.reason for fact in facts if fact.reason), ""),
        main.component, main.client, main.address, tuple(sorted(flags)), main.group, main.link, main.acting,
        main.members,
    )  # fmt: skip


def _asked(facts: list[Fact], links: Mapping[int, Link]) -> bool:
    """Whether an intent was written, with a token that is no act token, before the first use of one."""
    first = min((fact.time for fact in facts if fact.acting), default=0)
    if any(INTENT in fact.flags and not fact.acting and fact.time <= first for fact in facts):
        return True
    found = [links.get(key) for key in intent_keys(facts, links)]
    return any(link is not None and link.time <= first for link in found)


def intent_keys(facts: Iterable[Fact], links: Mapping[int, Link]) -> set[int]:
    """Under which a scope's entry may have the intent of what was done with act tokens."""
    made = [(links[fact.link], fact.scope) for fact in facts if fact.acting and fact.link in links]
    return {asked_key(link.entity, link.request, scope) for link, scope in made}


def _resolved(fact: Fact, links: Mapping[int, Link]) -> Fact:
    """A fact with what its token's making says of it."""
    if not fact.link:
        return fact
    link = links.get(fact.link)
    if fact.acting:
        return _acted(fact, link)
    if link is not None and link.act == TEMPORARY and fact.link == link.keys[-1]:
        return _given(fact)
    if fact.kind == ActorKind.TOKEN and (link is None or link.act == ACCOUNT):
        return _copy(fact, actor=link.person, kind=ActorKind.ACCOUNT.value) if link else fact
    return _unwrapped(fact, link, links)


def _given(fact: Fact) -> Fact:
    """Whoever was given temporary access: the token's metadata says for whom, and nobody changes it after the mint."""
    kind, colon, name = fact.actor.removeprefix(CLAIM).partition(":")
    name = name.rpartition("/")[2]
    if not fact.actor.startswith(CLAIM) or not colon or not name or kind not in _GIVEN_TO:
        return fact
    component = name if kind == ActorKind.COMPONENT else ""
    return _copy(fact, actor=name, kind=kind, component=component, role=TEMPORARY_ROLE)


def _acted(fact: Fact, link: Link | None) -> Fact:
    if link is None or link.act in (ACCOUNT, TEMPORARY):
        return _copy(fact, flags=(*fact.flags, UNPROVEN))
    person = {"actor": link.person or fact.actor, "kind": ActorKind.PERSON.value, "entity": link.entity, "role": ""}
    act, version = _NAMED.get(link.act, link.act if link.act in _ACTS else Act.OTHER.value), fact.version
    if fact.act == Act.USED and fact.outcome == Outcome.DONE:
        version = 0  # of what is copied, not of what is made
    if act in _OF_AN_ACT and link.secret:
        address = Address(link.secret)
        return _copy(fact, **person, act=act, version=version, secret=address.path, scope=str(address.scope or ""))
    return _copy(fact, **person, act=act, version=version)


def shared_keys(facts: Iterable[Fact], links: Mapping[int, Link]) -> set[int]:
    """Under which the reads may be whose values were wrapped in what is unwrapped here."""
    made = [links[fact.link] for fact in facts if fact.link in links and not fact.acting]
    return {shared_key(link.request) for link in made if link.act == Act.OTHER and link.request}


def _unwrapped(fact: Fact, link: Link | None, links: Mapping[int, Link]) -> Fact:
    if link is None:
        return _copy(fact, flags=(*fact.flags, UNKNOWN_WRAP))
    read = links.get(shared_key(link.request)) if link.act == Act.OTHER and link.request else None
    if read is not None:
        link = Link(link.keys, link.time, "", read.secret, read.scope, link.person, link.entity)
    changes: dict[str, object] = {"secret": link.secret, "scope": link.scope}
    if link.act and fact.act == Act.USED:
        changes["act"] = Act.OTHER.value
    if fact.kind == ActorKind.BEARER:
        changes["actor"] = f"bearer of a token wrapped by {link.person}"
    return _copy(fact, **changes)


def _copy(fact: Fact, **changes: object) -> Fact:
    values = [changes.get(name, getattr(fact, name)) for name in Fact.__struct_fields__]
    return Fact(*values)  # type: ignore[arg-type]
