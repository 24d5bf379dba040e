"""The calls that answer values, for components that use them; nothing here is stored by caches."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request, Response

from adapter.api import value_call
from adapter.api.caller import SignedInAct, with_reason
from adapter.api.problems import NO_STORE
from adapter.errors import Invalid, StatusError
from adapter.model.retrieval import (
    HydrateAnswer,
    HydrateRequest,
    RenderAnswer,
    RenderRequest,
    ResolveAnswer,
    ResolveRequest,
    Shape,
    ValueAnswer,
    ValueRequest,
    WrappedAnswer,
)
from adapter.service import hydrating, rendering, resolving
from adapter.service.resolving import Outcome

router = APIRouter(tags=["values"])


def _answer(body: dict[str, Any]) -> Response:
    """Escapes keep what no UTF-8 can hold, a lone half of a surrogate pair, as it came."""
    try:
        text = json.dumps(body, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise Invalid("The body has a number that JSON does not know.", hint="Send null, or a text.") from None
    return Response(text, media_type="application/json", headers=NO_STORE)


@router.post(
    "/secrets/{secret_id}/value",
    response_model=ValueAnswer | WrappedAnswer,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ValueRequest.model_json_schema(by_alias=True)}},
        }
    },
)
async def value(act: SignedInAct, secret_id: str, request: Request) -> Response:
    """A secret's value, for callers with the right `use`; with `wrap` a single-use token for it instead."""
    content = await value_call.answer(act, secret_id, await request.body())
    return Response(content, media_type="application/json", headers=NO_STORE)


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


@router.post("/hydrate", response_model=HydrateAnswer)
async def hydrate(act: SignedInAct, body: HydrateRequest, shape: Shape = "params") -> Response:
    """Controls with the values of their `params.secretRefs`, in `params` or, as an older release, beside them."""
    act = with_reason(act, body.reason)
    return _answer({"controls": await hydrating.hydrate(act, body.controls, body.default_environment, shape)})


@router.post("/render", response_model=RenderAnswer)
async def render(act: SignedInAct, body: RenderRequest) -> Response:
    """A document whose strings `secret://…` and `…${secret://…}…` are replaced; with `partial` what can be."""
    rendered = await rendering.render(with_reason(act, body.reason), body.document, partial=body.partial)
    answer: dict[str, Any] = {
        "document": rendered.document,
        "replaced": [{"path": path, "ref": ref} for path, ref in rendered.replaced],
    }
    if body.partial:
        answer["failed"] = [
            {"path": path, "ref": ref, "error": error.code, "message": error.detail}
            for path, ref, error in rendered.failed
        ]
    return _answer(answer)
