"""New versions, told to components as they come."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from adapter.api.caller import SignedInAct
from adapter.errors import NotAllowed
from adapter.model.address import Scope
from adapter.service.events import Feeds, last_seen
from adapter.service.sightings import Change

router = APIRouter(tags=["values"])

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/events", response_class=StreamingResponse)
async def events(
    act: SignedInAct,
    request: Request,
    scope: str | None = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Server-sent events `version`, `deleted`, `moved` of the secrets that the caller may view; never a value.

    `Last-Event-ID` resumes: what got a newer version since is told first. The stream ends with the token.
    """
    feeds: Feeds = request.app.state.feeds
    wanted = Scope.parse(scope) if scope is not None else None
    after = last_seen(last_event_id)
    identity = await act.identity()
    if wanted is not None and str(wanted) not in identity.roles:
        raise NotAllowed(f"You hold no right in {wanted}, or there is no such scope.", hint="An ADMIN can grant it.")
    return StreamingResponse(
        _messages(feeds.listen(act, wanted, after)), media_type="text/event-stream", headers=HEADERS
    )


async def _messages(changes: AsyncIterator[Change | int | None]) -> AsyncIterator[str]:
    yield ": new versions of secrets\n\n"
    async for change in changes:
        if change is None:
            yield ": still here\n\n"
        elif isinstance(change, int):  # an id alone: to go on from here
            yield f"id: {change}\n\n"
        else:
            data = {"id": change.address.id, "version": change.version}
            if change.to is not None:
                data["to"] = change.to.id
            yield f"id: {change.time}\nevent: {change.kind}\ndata: {json.dumps(data)}\n\n"
