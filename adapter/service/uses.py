"""The newest uses of a secret or component, good and refused, as the vault's log has them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from adapter.audit.criteria import Criteria
from adapter.audit.storage import Dim
from adapter.errors import NotAllowed, Unreachable
from adapter.model.audit import Event, EventAct, EventFilter, Outcome
from adapter.model.who import COMPONENT_ROLE, Kind, Who
from adapter.service.app import Act
from adapter.service.auditing import permitted

GOOD = ((EventAct.USED, EventAct.WRAPPED), (Outcome.DONE,))
REFUSED = ((EventAct.USED, EventAct.WRAPPED, EventAct.VIEWED), (Outcome.DENIED,))


@dataclass(frozen=True, slots=True)
class Uses:
    """`since`: how far the log goes back."""

    good: Event | None
    refused: Event | None
    since: str | None


async def newest_uses(act: Act, secret: str, who: Who | None) -> Uses | None:
    """None where no log is read here, or where the caller may not see it."""
    view = act.services.audit
    if view is None:
        return None
    try:
        allowed = await permitted(act, EventFilter())
        words = {Dim.SECRET: (secret,), **(_of(who) if who else {})}
        good, refused = [
            await asyncio.to_thread(view.every, _criteria(allowed, words, acts, outcomes), 1)
            for acts, outcomes in (GOOD, REFUSED)
        ]
        since = await asyncio.to_thread(view.since)
    except (NotAllowed, Unreachable):
        return None
    return Uses(good[0] if good else None, refused[0] if refused else None, since)


async def last_use_of(act: Act, name: str) -> str | None:
    """When a component last read a value; None where the log does not tell."""
    view = act.services.audit
    if view is None:
        return None
    words = _of(Who(Kind.COMPONENT, name))
    try:
        found = await asyncio.to_thread(view.every, _criteria(Criteria(), words, *GOOD), 1)
    except Unreachable:
        return None
    return found[0].time if found else None


def _of(who: Who) -> dict[Dim, tuple[str, ...]]:
    if who.kind is Kind.COMPONENT:
        return {Dim.COMPONENT: (who.name, f"{COMPONENT_ROLE}{who.name}")}
    return {Dim.ACTOR: (who.name, who.entity_name)}


def _criteria(
    allowed: Criteria, words: dict[Dim, tuple[str, ...]], acts: tuple[EventAct, ...], outcomes: tuple[Outcome, ...]
) -> Criteria:
    more = {Dim.ACT: tuple(a.value for a in acts), Dim.OUTCOME: tuple(o.value for o in outcomes)}
    return replace(allowed, words={**allowed.words, **words, **more})
