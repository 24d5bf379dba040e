"""`POST /secrets/{id}/value`: the call that components make all the time, without the framework's cost a request."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapter.api.caller import forget_account, signed_in, with_reason
from adapter.api.limits import read_body
from adapter.api.problems import invalid_body, problem, unforeseen
from adapter.errors import NotSignedIn, StatusError
from adapter.model.address import Address
from adapter.model.retrieval import ValueRequest
from adapter.service import retrieval
from adapter.service.app import Act

END = "/value"
_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


_encode = json.JSONEncoder(separators=(",", ":")).encode


class ValueRoute:
    """The call's route, as the framework names those below the API's prefix."""

    path = f"/secrets/{{secret_id}}{END}"


Reply = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers, body."""


class ValueCall:
    """That one call; `takes` and `__call__` for what speaks ASGI, `reply` for who has the whole body already."""

    def __init__(self, prefix: str) -> None:
        self._start = f"{prefix}/secrets/"
        self._slashes = self._start.count("/") + 1
        self._route = ValueRoute()

    def takes(self, scope: Scope) -> bool:
        """Whether this is the call, without a query and not from a browser's page."""
        return (
            scope["method"] == "POST"
            and not scope["query_string"]
            and self.is_at(scope["path"])
            and all(name != b"origin" for name, _ in scope["headers"])
        )

    def is_at(self, path: str) -> bool:
        """Whether a path is the call's."""
        return path.endswith(END) and path.startswith(self._start) and path.count("/") == self._slashes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(receive)
        except StatusError as error:
            status, headers, content = _of(problem(error))
        else:
            if body is None:
                return
            status, headers, content = await self.reply(scope, body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def reply(self, scope: Scope, body: bytes) -> Reply:
        """The answer, whatever happens."""
        scope["route"] = self._route
        request = Request(scope)
        try:
            content = await answer(await signed_in(request), scope["path"][len(self._start) : -len(END)], body)
        except StatusError as error:
            if isinstance(error, NotSignedIn):
                forget_account(request)
            return _of(problem(error))
        except Exception as error:  # noqa: BLE001  the named boundary of the API
            return _of(unforeseen(error))
        return 200, [*_HEADERS, (b"content-length", b"%d" % len(content))], content


def _of(response: Response) -> Reply:
    return response.status_code, response.raw_headers, bytes(response.body)


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
    return _encode(found).encode()


async def _wrapped(act: Act, address: Address, body: ValueRequest) -> bytes:
    span = body.wrap or ""
    if body.field is None:
        token, ends = await retrieval.wrap(act, address, body.version, span)
    else:
        token, ends = await retrieval.wrap_field(act, address, body.version, body.field, span)
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
