"""Scopes and grants: who may do what where. The vault allows them to ADMIN only."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adapter.api.caller import SignedInAct, with_reason
from adapter.errors import Invalid, NotFound
from adapter.model.access import GrantChange, GrantView, ScopeSave, ScopeView
from adapter.model.address import Scope
from adapter.model.wire import Reasoned
from adapter.service import grants, retiring, scopes

router = APIRouter(tags=["access"])


@router.get("/scopes")
async def list_scopes(act: SignedInAct) -> list[ScopeView]:
    """Every scope with its settings, how many secrets it holds, and how many hold a right in it."""
    return await scopes.list_scopes(act)


@router.post("/scopes", status_code=201, responses={200: {"model": ScopeView, "description": "It was there"}})
async def save_scope(act: SignedInAct, body: ScopeSave, response: Response) -> ScopeView:
    """Add a scope (201), or change the settings of one that is there (200)."""
    view, new = await scopes.save_scope(with_reason(act, body.reason), body)
    response.status_code = 201 if new else 200
    return view


@router.delete("/scopes/{scope}", status_code=204)
async def retire_scope(act: SignedInAct, scope: str, body: Reasoned | None = None) -> None:
    """Retire a scope without secrets: its grants, policies and groups go with it."""
    await retiring.retire_scope(with_reason(act, body.reason if body else None), named_in_path(scope))


def named_in_path(text: str) -> Scope:
    """`environment~production`. Raises NotFound for what no scope can be named."""
    try:
        return Scope.parse(text.replace("~", "/"))
    except Invalid:
        raise NotFound("There is no such scope.", hint="In a path its slash is written as ~.") from None


@router.get("/grants")
async def list_grants(act: SignedInAct, who: str | None = None, scope: str | None = None) -> list[GrantView]:
    """Who has which role where; filters `who` and `scope`."""
    return await grants.list_grants(act, who, scope)


@router.post("/grants", status_code=201)
async def grant(act: SignedInAct, body: GrantChange) -> GrantView:
    """Give somebody a role in a scope."""
    return await grants.grant(with_reason(act, body.reason), body)


@router.delete("/grants", status_code=204)
async def revoke(act: SignedInAct, body: GrantChange) -> None:
    """Take a role back."""
    await grants.revoke(with_reason(act, body.reason), body)
