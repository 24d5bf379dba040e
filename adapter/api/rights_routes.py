""" "May I?", and who can use a secret."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adapter.api.caller import SignedInAct, with_reason
from adapter.errors import Invalid
from adapter.model.address import Address
from adapter.model.diagnosis import Diagnosis
from adapter.model.rights import AccessView, CanI, TemporaryAccess, TemporaryGrant, TemporaryView, Verdict
from adapter.model.who import Who
from adapter.model.wire import Reasoned
from adapter.service import asking, diagnosing, temporary, users_of

router = APIRouter(tags=["access"])


@router.post("/can-i", response_model_exclude_none=True)
async def can_i(act: SignedInAct, body: CanI) -> list[Verdict]:
    """Whether the caller, or for an ADMIN somebody else, may do something; for a no, the grant that is missing."""
    return await asking.can_i(with_reason(act, body.reason), body)


@router.get("/secrets/{secret_id}/access")
async def users(act: SignedInAct, secret_id: str) -> list[AccessView]:
    """Who can view, change and use a secret, through which grant (ADMIN)."""
    return await users_of.users_of(act, Address.from_id(secret_id))


@router.get("/secrets/{secret_id}/diagnose")
async def diagnose(
    act: SignedInAct, secret_id: str, component: str | None = None, person: str | None = None
) -> Diagnosis:
    """Why it may not be working, for the caller, or for an ADMIN who names a component or person."""
    if component is not None and person is not None:
        raise Invalid.field("person", "Name a component or a person, not both.", hint="Ask twice.")
    named = f"component:{component}" if component is not None else f"person:{person}" if person is not None else None
    return await diagnosing.diagnose(act, Address.from_id(secret_id), Who.parse(named) if named else None)


@router.post("/secrets/{secret_id}/temporary-access", status_code=201)
async def give_temporary(act: SignedInAct, secret_id: str, body: TemporaryGrant, response: Response) -> TemporaryAccess:
    """A wrapped token that reads this one secret, for a while or a number of uses (ADMIN)."""
    response.headers["Cache-Control"] = "no-store"
    return await temporary.give(with_reason(act, body.reason), Address.from_id(secret_id), body)


@router.get("/temporary-access")
async def list_temporary(act: SignedInAct) -> list[TemporaryView]:
    """Every temporary access that has not ended yet (ADMIN)."""
    return await temporary.list_temporary(act)


@router.delete("/temporary-access/{access_id}", status_code=204)
async def take_temporary_back(act: SignedInAct, access_id: str, body: Reasoned | None = None) -> None:
    """End one at once (ADMIN)."""
    await temporary.take_back(with_reason(act, body.reason if body else None), access_id)
