"""Values that are not stored: generating one, and checking one."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adapter.api.caller import SignedInAct
from adapter.model.generating import CheckBody, Checked, Generated, Recipe
from adapter.service import generating

router = APIRouter(tags=["secrets"])


@router.post("/generate")
async def generate(act: SignedInAct, body: Recipe, response: Response) -> Generated:
    """A new value of a type: a password, an API key, a key pair, a certificate or a request for one."""
    response.headers["Cache-Control"] = "no-store"
    return await generating.generate(act, body)


@router.post("/check")
async def check(act: SignedInAct, body: CheckBody, response: Response) -> Checked:
    """What a value is, or why it does not fit its type; it is neither stored nor logged."""
    response.headers["Cache-Control"] = "no-store"
    return await generating.check(act, body)
