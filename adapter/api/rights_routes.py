""" "May I?", and who can use a secret."""

from __future__ import annotations

from fastapi import APIRouter

from adapter.api.caller import SignedInAct, with_reason
from adapter.model.address import Address
from adapter.model.rights import AccessView, CanI, Verdict
from adapter.service import asking, users_of

router = APIRouter(tags=["access"])


@router.post("/can-i", response_model_exclude_none=True)
async def can_i(act: SignedInAct, body: CanI) -> list[Verdict]:
    """Whether the caller, or for an ADMIN somebody else, may do something; for a no, the grant that is missing."""
    return await asking.can_i(with_reason(act, body.reason), body)


@router.get("/secrets/{secret_id}/access")
async def users(act: SignedInAct, secret_id: str) -> list[AccessView]:
    """Who can view, change and use a secret, through which grant (ADMIN)."""
    return await users_of.users_of(act, Address.from_id(secret_id))
