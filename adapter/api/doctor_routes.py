"""The doctor: what is not as it should be, and mending it."""

from __future__ import annotations

from fastapi import APIRouter, Request

from adapter.api.caller import SignedInAct, with_reason
from adapter.model.doctor import CheckView, Repair
from adapter.service.doctor import asked

router = APIRouter(tags=["health"])


@router.get("/doctor")
async def findings(act: SignedInAct, request: Request) -> list[CheckView]:
    """Every check of the doctor with what it found (ADMIN); nothing is changed."""
    return await asked.findings(act, request.app.state.settings)


@router.post("/doctor/repair")
async def repair(act: SignedInAct, request: Request, body: Repair | None = None) -> list[CheckView]:
    """Mend what can be mended, of these checks or of all, and tell what was done (ADMIN)."""
    body = body or Repair()
    return await asked.repair(with_reason(act, body.reason), request.app.state.settings, body.checks)
