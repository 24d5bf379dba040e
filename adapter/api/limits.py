"""Bodies are read up to a limit, so that nobody fills the adapter's memory."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapter.api.problems import problem
from adapter.errors import TooLarge

BODY_BYTES = 4 * 1024 * 1024


class BodyLimit:
    """ASGI middleware: a body of more than `limit` bytes is refused with 413, before or while it is read."""

    def __init__(self, app: ASGIApp, limit: int = BODY_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            if len(body) > self._limit:
                refusal = problem(
                    TooLarge(f"The body is larger than {self._limit // 1024 // 1024} MB.", hint="Send less at once.")
                )
                await refusal(scope, receive, send)
                return
            if not message.get("more_body"):
                break
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)
