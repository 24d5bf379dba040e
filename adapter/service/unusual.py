"""What is unusual: for an ADMIN as a list, and as flags on the events that everybody sees."""

from __future__ import annotations

import asyncio

from adapter.audit.criteria import moment_of
from adapter.audit.unusual import KINDS
from adapter.audit.unusual.watch import UnusualWatch
from adapter.model.audit import Event, EventPage
from adapter.model.unusual import RuleView, UnusualReport
from adapter.service.app import Act
from adapter.service.auditing import audit_view, only_admin
from adapter.service.listing import Filter, list_secrets

SINCE = "1d"


def watch_of(act: Act) -> UnusualWatch:
    """The process's watch on its audit view. Raises NotFound where there is no view."""
    view = audit_view(act)
    if act.services.unusual is None:
        act.services.unusual = UnusualWatch(view, act.services.expiries, act.services.unusual_off)
    return act.services.unusual


async def report(act: Act, since: str | None, limit: int) -> UnusualReport:
    """Findings since a time or a span before now. With `limit` 0 they are only counted, and no secret is looked at.

    Raises Invalid, NotAllowed, NotFound (no view), Unreachable (no index yet).
    """
    watch = watch_of(act)
    await only_admin(act, "Seeing what is unusual")
    begin = moment_of("since", since or SINCE, act.now) / 1e9
    off = act.services.unusual_off
    rules = [RuleView(name=kind.NAME, what=kind.WHAT, on=kind.NAME not in off) for kind in KINDS]
    if limit == 0:
        return UnusualReport(findings=[], count=await asyncio.to_thread(watch.count, begin), rules=rules)
    await list_secrets(act, Filter())  # which shows the expiries as they are now
    found = await asyncio.to_thread(watch.newest, begin)
    return UnusualReport(findings=found[:limit], count=len(found), rules=rules)


async def with_flags(act: Act, page: EventPage) -> EventPage:
    """A page whose events carry the rules that marked them. Raises Unreachable."""
    return page.model_copy(update={"events": await flagged(act, page.events)})


async def flagged(act: Act, events: list[Event]) -> list[Event]:
    """Events with the rules that marked them among their flags. Raises Unreachable."""
    return await asyncio.to_thread(watch_of(act).flagged, events) if events else events
