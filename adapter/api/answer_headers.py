"""Headers of every answer: nothing is kept by caches, nothing is taken for another type than it says."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NO_STORE = (b"cache-control", b"no-store")
_NO_SNIFF = (b"x-content-type-options", b"nosniff")


class AnswerHeaders:
    """ASGI middleware. Answers differ from caller to caller, also where only a cookie tells callers apart.

    The pages at `static` are the same for everybody, and may be kept.
    """

    def __init__(self, app: ASGIApp, static: str) -> None:
        self._app = app
        self._static = static

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._static):
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append(_NO_STORE)
                headers.append(_NO_SNIFF)
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, sent)
