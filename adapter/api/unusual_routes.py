"""What is unusual in the audit view."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from adapter.api.caller import SignedInAct
from adapter.model.unusual import UnusualReport
from adapter.service import unusual

router = APIRouter(tags=["audit"])


@router.get("/audit/unusual")
async def report(
    act: SignedInAct,
    since: Annotated[str | None, Query(alias="from")] = None,
    limit: Annotated[int, Query(ge=0, le=1000)] = 200,
) -> UnusualReport:
    """What the rules marked, newest first, from a time or a span before now on (a day, if not said otherwise)."""
    return await unusual.report(act, since, limit)
