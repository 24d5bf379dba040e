"""Where the audit view gets its events: pages of history, and what happens now. Tells the screen by messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.message import Message

from adapter.client import AsyncClient
from adapter.errors import NotSignedIn, StatusError
from adapter.model.audit import Event, EventFilter, EventPage
from statustui.event_pages import PAGE, Wanted

_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before the live stream is tried again, each time longer."""

Post = Callable[[Message], object]


class FeedMessage(Message):
    """`feed` tells messages of an earlier filter from those of this one."""

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.feed = feed


class Connected(FeedMessage):
    """From here on everything that happens is told."""


class Broken(FeedMessage):
    def __init__(self, feed: Feed, error: StatusError) -> None:
        super().__init__(feed)
        self.error = error


class Happened(FeedMessage):
    def __init__(self, feed: Feed, event: Event) -> None:
        super().__init__(feed)
        self.event = event


class FirstPage(FeedMessage):
    def __init__(self, feed: Feed, page: EventPage) -> None:
        super().__init__(feed)
        self.page = page


class NextPage(FeedMessage):
    def __init__(self, feed: Feed, page: EventPage, wanted: Wanted) -> None:
        super().__init__(feed)
        self.page = page
        self.wanted = wanted


class Failed(FeedMessage):
    """`wanted` is the page that could not be read, None for the first."""

    def __init__(self, feed: Feed, error: StatusError, wanted: Wanted | None) -> None:
        super().__init__(feed)
        self.error = error
        self.wanted = wanted


class Feed:
    """The events of one filter. Its methods are run as workers; what they find is posted."""

    def __init__(self, client: AsyncClient, wanted: EventFilter, post: Post) -> None:
        self._client = client
        self._filter = wanted
        self._post = post

    async def first(self) -> None:
        try:
            page = await self._client.events(self._filter.model_copy(update={"limit": PAGE}))
        except StatusError as error:
            self._post(Failed(self, error, None))
        else:
            self._post(FirstPage(self, page))

    async def page(self, wanted: Wanted) -> None:
        place = {"limit": PAGE, "cursor": wanted.cursor, "offset": wanted.offset or None}
        try:
            page = await self._client.events(self._filter.model_copy(update=place))
        except StatusError as error:
            self._post(Failed(self, error, wanted))
        else:
            self._post(NextPage(self, page, wanted))

    async def follow(self) -> None:
        """Until it is cancelled, or the session has ended; a stream that breaks is resumed without a gap."""
        after: str | None = None
        failures = 0
        while True:
            try:
                async with self._client.follow(self._filter, after=after) as events:
                    self._post(Connected(self))
                    async for one in events:
                        after, failures = one.id, 0
                        self._post(Happened(self, one.event))
            except StatusError as error:
                self._post(Broken(self, error))
                if isinstance(error, NotSignedIn):
                    return
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
            failures += 1
