"""The calls of the audit view."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from pydantic import SecretStr, ValidationError

from adapter.client.calls import READING_THE_LOG
from adapter.client.streaming import Sent, Streaming
from adapter.errors import OutcomeUnknown
from adapter.model.audit import Event, EventFilter, EventPage, Investigation, LeakQuery, LeakReport, RawLines, Streamed
from adapter.model.unusual import UnusualReport

ExportFormat = Literal["jsonl", "csv"]


class Audit(Streaming):
    async def events(self, wanted: EventFilter, *, secret_id: str | None = None) -> EventPage:
        """One page of the events that the caller may see, newest first; those of one secret by its id."""
        path = f"secrets/{secret_id}/audit" if secret_id else "audit"
        return await self._call("GET", path, EventPage, params=wanted.query())

    async def investigate(
        self, *, secret: str | None = None, actor: str | None = None, component: str | None = None
    ) -> Investigation:
        """Everyone who could have a secret's value; or all that one actor or component touched. Name one of them."""
        given = {"secret": secret, "actor": actor, "component": component}
        params = {name: text for name, text in given.items() if text is not None}
        return await self._call("GET", "audit/investigate", Investigation, params=params)

    async def unusual(self, *, since: str | None = None, limit: int | None = None) -> UnusualReport:
        """What the rules marked, newest first, since a time or a span before now; with `limit` 0 only counted."""
        given = {"from": since, "limit": None if limit is None else str(limit)}
        params = {name: text for name, text in given.items() if text is not None}
        return await self._call("GET", "audit/unusual", UnusualReport, params=params)

    @asynccontextmanager
    async def export_events(self, wanted: EventFilter, format: ExportFormat) -> AsyncIterator[AsyncIterator[bytes]]:
        """All events that fit, as a file's bytes while they come in."""
        async with self._download("audit", params=wanted.query() | {"format": format}) as parts:
            yield parts

    async def raw_lines(self, request_id: str, time: str) -> RawLines:
        """What the vault logged of one request of an event; `time` is the event's."""
        return await self._call("GET", f"audit/{request_id}", RawLines, params={"time": time})

    async def find_leak(self, value: SecretStr) -> LeakReport:
        """Every request that carried the whole of a string; it takes some seconds for a large log."""
        query = LeakQuery(value=value)
        return await self._call("POST", "audit/find-leak", LeakReport, body=query, within=READING_THE_LOG)

    @asynccontextmanager
    async def follow(self, wanted: EventFilter, *, after: str | None = None) -> AsyncIterator[AsyncIterator[Streamed]]:
        """Events as they happen, or as more becomes known of one; `after` is the id of the last one that was seen."""
        async with self._stream("audit/stream", params=wanted.query(), after=after) as sent:
            yield _events(sent)


async def _events(stream: AsyncIterator[Sent]) -> AsyncIterator[Streamed]:
    async for sent in stream:
        try:
            yield Streamed(id=sent.id, event=Event.model_validate_json(sent.data))
        except ValidationError:
            raise OutcomeUnknown(
                "The adapter's live events could not be read.", hint="Adapter and client may be of different versions."
            ) from None
