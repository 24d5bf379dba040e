"""The versions of a secret."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from adapter.api.caller import SignedInAct, with_reason
from adapter.model.address import Address
from adapter.model.comparing import Comparison
from adapter.model.wire import Reasoned, Rollback, VersionCreate, VersionView
from adapter.service import comparing, versions

router = APIRouter(prefix="/secrets/{secret_id}", tags=["versions"])

Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/versions")
async def history(act: SignedInAct, secret_id: str) -> list[VersionView]:
    """Every version that the vault keeps, newest first; never a value."""
    return await versions.history(act, Address.from_id(secret_id))


@router.post("/versions", status_code=201)
async def update(act: SignedInAct, secret_id: str, body: VersionCreate) -> VersionView:
    """A new version with a new value."""
    return await versions.update_value(with_reason(act, body.reason), Address.from_id(secret_id), body)


@router.post("/rollback", status_code=201)
async def roll_back(act: SignedInAct, secret_id: str, body: Rollback) -> VersionView:
    """A new version that copies an earlier one; the caller need not be able to read it."""
    act = with_reason(act, body.reason)
    return await versions.roll_back(act, Address.from_id(secret_id), body.version, body.if_version)


@router.get("/compare")
async def compare(
    act: SignedInAct,
    secret_id: str,
    source: Annotated[int, Query(alias="from", ge=1, le=2**53)],
    to: Annotated[int, Query(ge=1, le=2**53)],
) -> Comparison:
    """Which fields differ between two versions; never a value or a length. The caller need not be able to read it."""
    return await comparing.compare(act, Address.from_id(secret_id), source, to)


@router.delete("/versions/{number}")
async def delete(act: SignedInAct, secret_id: str, number: Number, body: Reasoned | None = None) -> VersionView:
    """Soft-delete one version; it can be undeleted."""
    act = with_reason(act, body.reason if body else None)
    return await versions.change_state(act, Address.from_id(secret_id), number, "delete")


@router.post("/versions/{number}/undelete")
async def undelete(act: SignedInAct, secret_id: str, number: Number, body: Reasoned | None = None) -> VersionView:
    """Bring a soft-deleted version back."""
    act = with_reason(act, body.reason if body else None)
    return await versions.change_state(act, Address.from_id(secret_id), number, "undelete")


@router.post("/versions/{number}/destroy")
async def destroy(act: SignedInAct, secret_id: str, number: Number, body: Reasoned | None = None) -> VersionView:
    """Destroy one version's value for good."""
    act = with_reason(act, body.reason if body else None)
    return await versions.change_state(act, Address.from_id(secret_id), number, "destroy")
