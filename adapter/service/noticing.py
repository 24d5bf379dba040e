"""Tell the feeds of changes that were made elsewhere, as soon as the vault's own log has them.

Only a hint of where to look: what is told to listeners is still what the vault answers to them. Without an audit view,
or while it is behind, the feeds find the same changes at their next look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapter.audit.latest import MAKING
from adapter.audit.view import AuditView
from adapter.errors import Unreachable
from adapter.model.address import Address
from adapter.model.audit import Event, EventAct, Outcome
from adapter.service.background import beside
from adapter.service.events import Feeds

log = logging.getLogger(__name__)

LOOK = 0.2
"""Seconds between two looks at the index, while somebody listens."""

MOVING_ON = frozenset(
    {*MAKING, EventAct.VERSION_DELETED, EventAct.VERSION_UNDELETED, EventAct.VERSION_DESTROYED, EventAct.DELETED}
)
"""The acts after which a secret's newest value may be another one, or none."""

Position = tuple[str, int]
"""A generation of the index, and the change of it that was seen last."""


@asynccontextmanager
async def noticing(view: AuditView | None, feeds: Feeds) -> AsyncIterator[None]:
    """While this lasts; nothing without an audit view."""
    if view is None:
        yield
        return
    async with beside(_watch(view, feeds)):
        yield


async def _watch(view: AuditView, feeds: Feeds) -> None:
    at: Position | None = None
    while True:
        await asyncio.sleep(LOOK)
        if not feeds.listeners:
            at = None
            continue
        try:
            at = await _look(view, feeds, at)
        except Unreachable:  # it is being made anew: the feeds look for themselves meanwhile
            at = None
        except Exception as error:  # noqa: BLE001  the named boundary of noticing: it goes on at the next look
            log.error("changes made elsewhere were not noticed: unforeseen %s", type(error).__name__)  # noqa: TRY400
            at = None


async def _look(view: AuditView, feeds: Feeds, at: Position | None) -> Position:
    """What is new in the index after `at`; of one that was made anew, nothing."""
    if at is None:
        return await asyncio.to_thread(view.newest_change)
    changed = await asyncio.to_thread(view.changes, *at, view.now())
    if not changed:
        return at
    if changed[-1].generation == at[0]:
        for event in (one.event for one in changed):
            if _moves_on(event):
                feeds.noticed(Address(event.secret or ""), (event.version or 0) if event.act in MAKING else 0)
    return changed[-1].generation, changed[-1].rev


def _moves_on(event: Event) -> bool:
    return event.act in MOVING_ON and event.outcome == Outcome.DONE and event.secret is not None
