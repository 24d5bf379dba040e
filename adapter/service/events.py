"""Tell components of new versions: one look at a scope serves everybody who listens to it.

The vault has no notices, so a scope that somebody listens to is looked at now and then, with the token of one of the
listeners; at once when this process changed something in it, or when the audit view has somebody else's change
(`noticing`). Nothing is kept that another process would miss: an
event's id is the time of the newest version that was seen, so a stream goes on at any adapter.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from adapter.errors import Invalid, NotAllowed, NotFound, NotSignedIn, StatusError
from adapter.model.address import Address, Scope
from adapter.model.moves import RENAMED_FROM, mark_keys
from adapter.model.records import parse_time
from adapter.service.app import Act
from adapter.service.sightings import Change, Seen, Snapshot, changes, newest_of, snapshot

CHECKED_EVERY = 10.0
"""Seconds after which it is asked again whether a listener's token still stands, and for which scopes."""

MOST_WAITING = 10_000
"""Events that a listener may be behind; then the stream ends, and goes on after the last id."""

_ID = re.compile(r"[0-9]{1,19}")


def last_seen(text: str | None) -> int | None:
    """A `Last-Event-ID`. Raises Invalid for what is none of ours."""
    if not text:
        return None
    if not _ID.fullmatch(text):
        raise Invalid("That is no id of an event.", hint="Send back the last id that came, or none.")
    return int(text)


@dataclass(eq=False)
class Listener:
    """Somebody who listens to scopes; `waiting` None ends the stream."""

    act: Act
    waiting: asyncio.Queue[Change | None] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))

    def tell(self, change: Change | None) -> None:
        try:
            self.waiting.put_nowait(change)
        except asyncio.QueueFull:
            self.waiting.get_nowait()
            with suppress(asyncio.QueueFull):
                self.waiting.put_nowait(None)


class Feed:
    """One scope, looked at as long as somebody listens."""

    def __init__(self, scope: Scope, every: float) -> None:
        self._scope = scope
        self._every = every
        self._seen: Snapshot = {}
        self._newest = 0
        self._touched: set[Address] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.listeners: list[Listener] = []

    async def join(self, listener: Listener) -> Snapshot:
        """What is there, seen with the listener's own token. Raises NotAllowed, NotSignedIn."""
        self.listeners.append(listener)  # before the look, so that the feed stays when others leave meanwhile
        try:
            seen = await self._look(listener.act)
        except BaseException:
            self.leave(listener)
            raise
        if self._task is None or self._task.done():
            self._seen, self._newest = seen, newest_of(seen)
            self._task = asyncio.create_task(self._run())
        return seen

    def leave(self, listener: Listener) -> None:
        if listener in self.listeners:
            self.listeners.remove(listener)
        if not self.listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    def touch(self, address: Address) -> None:
        """Something changed there: look now."""
        self._touched.add(address)
        self._wake.set()

    def knows(self, address: Address, version: int) -> bool:
        """Whether that version, or a later one, was told already."""
        seen = self._seen.get(address)
        return seen is not None and seen.readable and seen.version >= version > 0

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._wake.wait()
            self._wake.clear()
            touched, self._touched = self._touched, set()
            with suppress(StatusError):  # told to nobody: the next look comes
                await self._refresh(touched)

    async def _refresh(self, touched: set[Address]) -> None:
        after = await self._with_some_token(touched)
        for change in changes(self._seen, after, self._newest):
            self._newest = max(self._newest, change.time)
            for listener in self.listeners:
                listener.tell(change)
        self._seen = after

    async def _with_some_token(self, touched: set[Address]) -> Snapshot:
        """The scope as the first listener who still may sees it."""
        for listener in list(self.listeners):
            with suppress(NotAllowed, NotSignedIn):  # its own check ends that one
                return await self._some(listener.act, touched) or await self._look(listener.act)
        return self._seen

    async def _some(self, act: Act, touched: set[Address]) -> Snapshot | None:
        """The scope with the entries that were touched seen anew; None where more than those may have changed."""
        if not touched:
            return None
        after = dict(self._seen)
        for address in touched:
            try:
                entry = await act.store.metadata(address)
            except NotFound:
                return None
            if mark_keys(entry.custom) or RENAMED_FROM in entry.custom:
                return None
            after |= snapshot([(address, entry)], act.now)
        return after

    async def _look(self, act: Act) -> Snapshot:
        return snapshot(await act.store.tree(str(self._scope)), act.now)


class Feeds:
    """The scopes that somebody listens to; `every`: seconds between two looks."""

    def __init__(self, every: float = 15.0) -> None:
        self._every = every
        self._feeds: dict[Scope, Feed] = {}

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return len({id(listener) for feed in self._feeds.values() for listener in feed.listeners})

    def touch(self, address: Address) -> None:
        feed = self._feeds.get(address.scope) if address.scope is not None else None
        if feed is not None:
            feed.touch(address)

    def noticed(self, address: Address, version: int) -> None:
        """The vault's log has a change there, by whomever; `version`: the new one, 0 for none."""
        feed = self._feeds.get(address.scope) if address.scope is not None else None
        if feed is not None and not feed.knows(address, version):
            feed.touch(address)

    async def listen(self, act: Act, scope: Scope | None, after: int | None) -> AsyncIterator[Change | int | None]:
        """Changes as they come, in the scopes that the caller may view; None from time to time.

        First the newest version's time, or, `after` such a time, the versions that are newer. Ends with the token.
        So it does when the vault is away: who comes again is told why.
        """
        listener = Listener(act)
        joined: dict[Scope, Feed] = {}
        try:
            seen: Snapshot = {}
            for one in await _scopes(act, scope):
                feed = self._feeds.setdefault(one, Feed(one, self._every))
                with suppress(NotAllowed, NotFound):
                    joined[one] = feed
                    seen |= await feed.join(listener)
            for change in _missed(seen, after):
                yield change
            while True:
                try:
                    async with asyncio.timeout(await _until_check(act)):
                        change_or_end = await listener.waiting.get()
                except TimeoutError:
                    yield None
                    await self._check(act, scope, joined, listener)
                    continue
                if change_or_end is None:
                    return
                if change_or_end.address.scope in joined:
                    yield change_or_end
        except StatusError:  # whoever listens comes again with the last id, and is told then
            return
        finally:
            for one, feed in joined.items():
                self._leave(one, feed, listener)

    async def _check(self, act: Act, scope: Scope | None, joined: dict[Scope, Feed], listener: Listener) -> None:
        """Leave the scopes that the caller may not view any more. Raises NotSignedIn when the token has ended."""
        act.services.identities.forget(act.session.caller.token)
        allowed = await _scopes(act, scope)
        for one in [one for one in joined if one not in allowed]:
            self._leave(one, joined.pop(one), listener)

    def _leave(self, scope: Scope, feed: Feed, listener: Listener) -> None:
        feed.leave(listener)
        if not feed.listeners and self._feeds.get(scope) is feed:
            del self._feeds[scope]


async def _scopes(act: Act, wanted: Scope | None) -> set[Scope]:
    """The scopes that the caller may view, by Vault's own word about the token."""
    held = {Scope.parse(text) for text in (await act.identity()).roles}
    return held if wanted is None else held & {wanted}


async def _until_check(act: Act) -> float:
    """Seconds until the token is asked about again: at its end at the latest."""
    ends = parse_time((await act.identity()).expires_at or "")
    return CHECKED_EVERY if ends is None else min(CHECKED_EVERY, max(0.1, (ends - act.now).total_seconds() + 0.1))


def _missed(seen: Mapping[Address, Seen], after: int | None) -> list[Change | int]:
    newest = max((one.time for one in seen.values()), default=0)
    if after is None:
        return [newest]
    late = sorted((item for item in seen.items() if item[1].time > after), key=lambda item: item[1].time)
    found: list[Change | int] = [
        Change("version" if one.readable else "deleted", address, one.version, one.time) for address, one in late
    ]
    return found or [max(newest, after)]
