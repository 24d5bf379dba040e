"""The secrets resource, as STATUS's front end calls it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from adapter.api.caller import SignedInAct, with_reason
from adapter.errors import Invalid
from adapter.model.address import Address
from adapter.model.wire import Reasoned, SecretCreate, SecretPatch, SecretSaved, SecretView
from adapter.service import changing, creating, exporting, listing

router = APIRouter(prefix="/secrets", tags=["secrets"])

export_router = APIRouter(tags=["secrets"])

_LIST = TypeAdapter(list[SecretView])
_UNITS = {"d": 1, "w": 7}


def _span(text: str | None) -> timedelta | None:
    """`30d` or `4w`. Raises Invalid."""
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,5}[dw]", text):
        raise Invalid.field("expiringWithin", "That is not a span of time.", hint="Write days or weeks: 30d, 4w.")
    return timedelta(days=int(text[:-1]) * _UNITS[text[-1]])


@router.get("", response_model=list[SecretView])
async def secrets(
    act: SignedInAct,
    request: Request,
    scope: str | None = None,
    type: str | None = None,
    q: str | None = None,
    tag: str | None = None,
    expiring_within: Annotated[str | None, Query(alias="expiringWithin")] = None,
    limit: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    cursor: str | None = None,
) -> Response:
    """The secrets that the caller may view, by scope and name; with `limit`, the header `Link` leads on."""
    wanted = listing.Filter(scope, type, q, tag, _span(expiring_within), limit, cursor)
    found, following = await listing.list_secrets(act, wanted)
    answer = Response(_LIST.dump_json(found, by_alias=True), media_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    if following is not None:
        query = request.url.include_query_params(cursor=following).query
        answer.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return answer


@export_router.get("/export", responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}})
async def export(
    act: SignedInAct,
    format: Literal["json", "csv"] = "json",
    scope: str | None = None,
    type: str | None = None,
    q: str | None = None,
    tag: str | None = None,
    expiring_within: Annotated[str | None, Query(alias="expiringWithin")] = None,
) -> Response:
    """What the caller may view, as a file: metadata only."""
    found = await exporting.exported(act, listing.Filter(scope, type, q, tag, _span(expiring_within)))
    if format == "csv":
        content, kind = exporting.as_csv(found).encode(), "text/csv; charset=utf-8"
    else:
        content, kind = _LIST.dump_json(found, by_alias=True, exclude={"__all__": {"value"}}), "application/json"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="secrets.{format}"'}
    return Response(content, media_type=kind, headers=headers)


@router.post("", status_code=201)
async def create(act: SignedInAct, body: SecretCreate, response: Response) -> SecretSaved:
    """Create a secret; the answer carries its value, this once."""
    response.headers["Cache-Control"] = "no-store"
    return await creating.create_secret(with_reason(act, body.reason), body)


@router.get("/{secret_id}")
async def secret(act: SignedInAct, secret_id: str) -> SecretView:
    """One secret's details; its value is masked."""
    return await listing.view_secret(act, Address.from_id(secret_id))


@router.patch("/{secret_id}")
async def edit(act: SignedInAct, secret_id: str, body: SecretPatch) -> SecretSaved:
    """Change details; a `value` makes a new version."""
    return await changing.edit_secret(with_reason(act, body.reason), Address.from_id(secret_id), body)


@router.delete("/{secret_id}", status_code=204)
async def delete(act: SignedInAct, secret_id: str, body: Reasoned | None = None) -> None:
    """Remove a secret for good, all versions."""
    act = with_reason(act, body.reason if body else None)
    await changing.delete_secret(act, Address.from_id(secret_id))
