"""The log of a vault on another machine."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from adapter.api.caller import SignedInAct, with_reason
from adapter.model.access import Credentials
from adapter.model.forwarding import ForwarderAdd, LogChunk, LogState, Print
from adapter.model.wire import Reasoned
from adapter.service import forwarding

router = APIRouter(tags=["audit"])


@router.get("/audit/forward")
async def state(act: SignedInAct, request: Request, print: Annotated[Print, Query()]) -> LogState:
    """How much of a log file the adapter has; for forwarders."""
    return await forwarding.state(act, request.app.state.settings, print)


@router.post("/audit/forward")
async def take(act: SignedInAct, request: Request, body: LogChunk) -> LogState:
    """The next bytes of a log file; for forwarders. 409 when they do not go on where the file ends."""
    return await forwarding.take(act, request.app.state.settings, body)


@router.post("/audit/forwarders", status_code=201)
async def add(act: SignedInAct, body: ForwarderAdd, response: Response) -> Credentials:
    """Add a forwarder, which may send the log and nothing else; ADMIN."""
    response.headers["Cache-Control"] = "no-store"
    return await forwarding.add_forwarder(with_reason(act, body.reason), body)


@router.delete("/audit/forwarders/{name}", status_code=204)
async def remove(act: SignedInAct, name: str, body: Reasoned | None = None) -> None:
    """Remove a forwarder; ADMIN."""
    await forwarding.remove_forwarder(with_reason(act, body.reason if body else None), name)
