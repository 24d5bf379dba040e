"""`POST /secrets/{id}/value`: the call that components make all the time, without the framework's cost a request."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from starlette.types import Message, Receive, Scope, Send

from adapter.api.caller import forget_account, signed_in, with_reason
from adapter.api.limits import read_body
from adapter.api.problems import invalid_body, problem
from adapter.errors import Invalid, NotSignedIn, StatusError
from adapter.model.address import Address
from adapter.model.retrieval import ValueRequest
from adapter.service import retrieval
from adapter.service.app import Act

_END = "/value"
_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class ValueRoute:
    """The call's route, as the framework names those below the API's prefix."""

    path = f"/secrets/{{secret_id}}{_END}"


class ValueCall:
    """ASGI application of that one call."""

    def __init__(self, prefix: str) -> None:
        self._start = f"{prefix}/secrets/"
        self._slashes = self._start.count("/") + 1
        self._route = ValueRoute()

    def takes(self, scope: Scope) -> bool:
        """Whether this is the call, and not from a browser's page."""
        path: str = scope["path"]
        return (
            scope["method"] == "POST"
            and path.endswith(_END)
            and path.startswith(self._start)
            and path.count("/") == self._slashes
            and all(name != b"origin" for name, _ in scope["headers"])
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self._route
        request = Request(scope, receive)
        secret_id = scope["path"][len(self._start) : -len(_END)]
        try:
            body = await read_body(receive)
            if body is None:
                return
            content = await answer(await signed_in(request), secret_id, body)
        except StatusError as error:
            if isinstance(error, NotSignedIn):
                forget_account(request)
            await problem(error)(scope, receive, send)
            return
        headers = [*_HEADERS, (b"content-length", b"%d" % len(content))]
        start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": content})


async def answer(act: Act, secret_id: str, content: bytes) -> bytes:
    """The body of the answer to a body. Raises StatusError."""
    body = _parsed(content)
    act = with_reason(act, body.reason)
    address = Address.from_id(secret_id)
    if body.wrap is not None:
        return await _wrapped(act, address, body)
    served = await retrieval.serve(act, address, body.version)
    found: dict[str, Any] = {"value": served.field(body.field), "version": served.version}
    if body.field is None and len(served.data) > 1:
        found["fields"] = served.further_fields()
    if served.expired:
        found["expired"] = True
    return json.dumps(found, separators=(",", ":")).encode()


async def _wrapped(act: Act, address: Address, body: ValueRequest) -> bytes:
    if body.field is not None:
        raise Invalid.field("field", "A wrapped value holds all fields.", hint="Leave out field, or wrap.")
    token, ends = await retrieval.wrap(act, address, body.version, body.wrap or "")
    return json.dumps({"wrapToken": token.get_secret_value(), "expiresAt": ends}).encode()


_NOTHING = ValueRequest()


def _parsed(content: bytes) -> ValueRequest:
    if content == b"{}":
        return _NOTHING
    try:
        return ValueRequest.model_validate_json(content)
    except ValidationError as error:
        found = [{"type": item["type"], "loc": ("body", *item["loc"])} for item in error.errors(include_input=False)]
        raise invalid_body(found) from None
