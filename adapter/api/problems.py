"""One error shape for every route: `application/problem+json` with STATUS's `message`; no input in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapter.api.caller import forget_account
from adapter.errors import (
    FieldProblem,
    Invalid,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    RateLimited,
    StatusError,
    TooLarge,
)
from adapter.model.generating import RECIPE_TYPES

log = logging.getLogger(__name__)

NO_STORE = {"Cache-Control": "no-store"}

UNION_TAGS = frozenset({"approle", "ldap", "oidc", "token", "userpass"}) | RECIPE_TYPES
"""What stands in a field's path beside names of fields."""
"""Parts of a field's path that pydantic adds where a body's `method` says which one it is."""


class MethodNotAllowed(Invalid):
    status = 405


def problem(error: StatusError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer for an error."""
    extra = dict(headers or {})
    if isinstance(error, RateLimited):  # the vault need not say when
        extra["Retry-After"] = str(max(1, round(error.retry_after or 1)))
    if error.status == 401:
        extra["WWW-Authenticate"] = "Bearer"
    return JSONResponse(error.body(), error.status, headers=NO_STORE | extra, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Every way in which a request can fail ends in `problem`."""

    @app.exception_handler(StatusError)
    async def _ours(request: Request, error: StatusError) -> JSONResponse:
        if error.status == NotSignedIn.status:
            forget_account(request)
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem(invalid_body(error.errors()))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(_methods(app, request.url.path))
        return problem(_from_http(error.status_code), headers)


def _methods(app: FastAPI, path: str) -> list[str]:
    """The methods that the calls at a path take: several routes may share it."""
    found = {
        method.upper()
        for template, calls in app.openapi()["paths"].items()
        if re.fullmatch(re.sub(r"\\{[^/]+?\\}", "[^/]+", re.escape(template)), path)
        for method in calls
    }
    return sorted(found)


class Unforeseen:
    """ASGI middleware: a fault of ours is answered and logged by its type and place alone.

    Starlette's own handler raises it again, and a server would then log its message, which could carry a value.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  the named boundary of the API
            answer = unforeseen(error)
            if scope["type"] == "http" and not started:
                await answer(scope, receive, send)


def unforeseen(error: Exception) -> JSONResponse:
    """The answer for a fault of ours, which is logged."""
    log.error("unforeseen %s at %s", type(error).__name__, _where(error))
    hint = "Look before you repeat it; tell its maintainers."
    return problem(OutcomeUnknown("Something went wrong inside the adapter.", hint=hint))


def _where(error: Exception) -> str:
    """The place in the code, without the message, which could carry input."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"


def _from_http(status: int) -> StatusError:
    if status == 404:
        return NotFound("There is no such call.", hint="The calls are listed at /docs below the API's prefix.")
    if status == 405:
        return MethodNotAllowed("This call does not take that method.", hint="The calls are listed at /docs.")
    if status == 413:
        return TooLarge("The body is too large.", hint="Send less at once.")
    return Invalid("The body could not be read.", hint="Send JSON, encoded as UTF-8.")


def invalid_body(errors: Any) -> Invalid:
    """Pydantic's findings in our words: the field and what is wrong, never what was sent."""
    if any(item["type"] == "json_invalid" for item in errors):
        return Invalid("The body is no JSON.", hint="Send a JSON object, with Content-Type: application/json.")
    fields = [FieldProblem(_field(item), _reason(item["type"])) for item in errors]
    first = fields[0]
    detail = first.reason if first.field == "body" else f"{first.field}: {first.reason}"
    return Invalid(detail, hint="The call's fields are described at /docs.", fields=fields)


def _field(item: Mapping[str, Any]) -> str:
    """The field's path below the body; an unknown field is input, so it is not repeated."""
    known = [str(part) for part in item["loc"][1:] if part not in UNION_TAGS]
    if item["type"] == "extra_forbidden":
        known = known[:-1]
    return ".".join(known) or "body"


def _reason(kind: str) -> str:
    return {
        "missing": "This field is required.",
        "string_pattern_mismatch": "This is not a name of that kind.",
        "extra_forbidden": "There is a field that this call does not know.",
        "string_type": "This must be a text.",
        "int_type": "This must be a whole number.",
        "int_parsing": "This must be a whole number.",
        "list_type": "This must be a list.",
        "model_attributes_type": "This must be a JSON object.",
        "dict_type": "This must be a JSON object.",
        "union_tag_invalid": "This is none of the kinds that this call takes.",
        "union_tag_not_found": "The field that says which kind it is (method, type) is missing.",
    }.get(kind, "This is not valid.")
