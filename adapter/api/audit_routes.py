"""The audit view: events, live, of one secret, as a file."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from adapter.api.caller import SignedInAct
from adapter.errors import StatusError
from adapter.model.address import Address
from adapter.model.audit import Event, EventFilter, EventPage, Investigation, LeakQuery, LeakReport, RawLines, Streamed
from adapter.service import auditing, finding_leaks, following, investigating, unusual
from adapter.service.app import Act
from adapter.service.exporting import cell

router = APIRouter(tags=["audit"])

QUIET = 15.0
"""Seconds of silence after which a comment says that the stream is alive."""

NO_STORE = {"Cache-Control": "no-store"}
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
AS_FILES = {kind.split(";")[0]: {"schema": {"type": "string"}} for kind in FORMATS.values()}


class EventQuery(EventFilter):
    """`format`: all events that fit, as a file; also by the header Accept (text/csv, application/jsonl)."""

    format: Literal["json", "jsonl", "csv"] | None = None


@router.get("/audit", response_model=EventPage, responses={200: {"content": AS_FILES}})
async def events(act: SignedInAct, wanted: Annotated[EventQuery, Query()], request: Request) -> Response | EventPage:
    """The events that the caller may see, newest first: a page, or all of them as a file."""
    return await _answer(act, wanted, request)


@router.get("/audit/stream", response_class=StreamingResponse)
async def stream(
    act: SignedInAct,
    wanted: Annotated[EventFilter, Query()],
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Server-sent events: each as it happens, or as more becomes known of it. `Last-Event-ID` resumes."""
    sent = await following.follow(act, wanted, last_event_id)
    return StreamingResponse(_messages(sent), media_type="text/event-stream", headers=NO_STORE)


@router.get("/secrets/{secret_id}/audit", response_model=EventPage)
async def secret_events(act: SignedInAct, secret_id: str, wanted: Annotated[EventFilter, Query()]) -> EventPage:
    """The events of one secret, newest first; also of one that was deleted."""
    return await unusual.with_flags(act, await auditing.secret_events(act, Address.from_id(secret_id), wanted))


@router.get("/audit/investigate")
async def investigate(
    act: SignedInAct, secret: str | None = None, actor: str | None = None, component: str | None = None
) -> Investigation:
    """Everyone who could have a secret's value; or all that one actor or component touched."""
    return await investigating.investigate(act, secret, actor, component)


@router.get("/audit/{request_id:uuid}")
async def raw_lines(act: SignedInAct, request_id: UUID, time: str) -> RawLines:
    """What the vault logged of one request of an event; `time` is the event's."""
    return await investigating.raw_lines(act, str(request_id), time)


@router.post("/audit/find-leak")
async def find_leak(act: SignedInAct, body: LeakQuery, response: Response) -> LeakReport:
    """Every request that carried a string; the vault hashes it, so that nobody else learns it."""
    response.headers["Cache-Control"] = "no-store"
    return await finding_leaks.find_leak(act, body.value)


async def _answer(act: SignedInAct, wanted: EventQuery, request: Request) -> Response | EventPage:
    chosen = wanted.format or _accepted(request)
    if chosen == "json":
        return await unusual.with_flags(act, await auditing.list_events(act, wanted))
    pages = _flagged(act, wanted)
    first = await anext(pages)
    headers = NO_STORE | {"Content-Disposition": f'attachment; filename="audit.{chosen}"'}
    lines = _as_csv if chosen == "csv" else _as_jsonl
    return StreamingResponse(lines(first, pages), media_type=FORMATS[chosen], headers=headers)


async def _flagged(act: Act, wanted: EventFilter) -> AsyncIterator[EventPage]:
    async for page in auditing.every_page(act, wanted):
        yield await unusual.with_flags(act, page)


def _accepted(request: Request) -> str:
    accepted = request.headers.get("Accept", "")
    return next((name for name, kind in FORMATS.items() if kind.split(";")[0] in accepted), "json")


async def _as_jsonl(first: EventPage, pages: AsyncIterator[EventPage]) -> AsyncIterator[str]:
    yield "".join(event.model_dump_json(by_alias=True) + "\n" for event in first.events)
    async for page in pages:
        yield "".join(event.model_dump_json(by_alias=True) + "\n" for event in page.events)


async def _as_csv(first: EventPage, pages: AsyncIterator[EventPage]) -> AsyncIterator[str]:
    yield _rows([[field.alias or name for name, field in Event.model_fields.items()]])
    yield _rows(map(_row, first.events))
    async for page in pages:
        yield _rows(map(_row, page.events))


def _row(event: Event) -> list[str]:
    return [cell(value) for value in event.model_dump(mode="json").values()]


def _rows(rows: object) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


async def _messages(sent: AsyncIterator[Streamed | None]) -> AsyncIterator[str]:
    """The stream's text; it ends with the caller's token, and whoever follows may come again with a new one."""
    yield ": events of the audit view\n\n"
    spoken = time.monotonic()
    try:
        async for message in sent:
            if message is not None:
                yield f"id: {message.id}\ndata: {message.event.model_dump_json(by_alias=True)}\n\n"
                spoken = time.monotonic()
            elif time.monotonic() - spoken > QUIET:
                yield ": still here\n\n"
                spoken = time.monotonic()
    except StatusError:
        return
