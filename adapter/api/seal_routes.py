"""The audit log against its seals."""

from __future__ import annotations

from fastapi import APIRouter, Request

from adapter.api.caller import SignedInAct
from adapter.model.sealing import Verification
from adapter.service import sealing

router = APIRouter(tags=["audit"])


@router.get("/audit/verify")
async def verify(act: SignedInAct, request: Request) -> Verification:
    """Whether every sealed line of the log is as it was, and which are not; ADMIN. It reads the whole log."""
    return await sealing.verification(act, request.app.state.settings)
