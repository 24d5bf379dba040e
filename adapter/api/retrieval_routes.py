"""The calls that answer values, for components that use them; nothing here is stored by caches."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Response

from adapter.api.caller import SignedInAct, with_reason
from adapter.api.problems import NO_STORE
from adapter.errors import Invalid, StatusError
from adapter.model.address import Address
from adapter.model.retrieval import (
    ResolveAnswer,
    ResolveRequest,
    ValueAnswer,
    ValueRequest,
    WrappedAnswer,
)
from adapter.service import resolving, retrieval
from adapter.service.resolving import Outcome

router = APIRouter(tags=["values"])


def _answer(body: dict[str, Any]) -> Response:
    return Response(json.dumps(body, separators=(",", ":")), media_type="application/json", headers=NO_STORE)


@router.post("/secrets/{secret_id}/value", response_model=ValueAnswer | WrappedAnswer)
async def value(act: SignedInAct, secret_id: str, body: ValueRequest) -> Response:
    """A secret's value, for callers with the right `use`; with `wrap` a single-use token for it instead."""
    act = with_reason(act, body.reason)
    address = Address.from_id(secret_id)
    if body.wrap is not None:
        if body.field is not None:
            raise Invalid.field("field", "A wrapped value holds all fields.", hint="Leave out field, or wrap.")
        token, ends = await retrieval.wrap(act, address, body.version, body.wrap)
        return _answer({"wrapToken": token.get_secret_value(), "expiresAt": ends})
    served = await retrieval.serve(act, address, body.version)
    answer: dict[str, Any] = {"value": served.field(body.field), "version": served.version}
    if body.field is None and (further := served.further_fields()):
        answer["fields"] = further
    if served.expired:
        answer["expired"] = True
    return _answer(answer)


@router.post("/resolve", response_model=ResolveAnswer)
async def resolve(act: SignedInAct, body: ResolveRequest) -> Response:
    """Up to 1 000 references `secret://…`, in their order; each is answered on its own."""
    outcomes = await resolving.resolve_texts(with_reason(act, body.reason), body.refs)
    return _answer({"results": [_result(ref, one) for ref, one in zip(body.refs, outcomes, strict=True)]})


def _result(ref: str, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, StatusError):
        return {"ref": ref, "error": outcome.code, "message": outcome.detail}
    found = {"ref": ref, "value": outcome.value, "version": outcome.version}
    return found | {"expired": True} if outcome.expired else found
