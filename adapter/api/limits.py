"""Bodies are read up to a limit of size and of nesting, so that nobody fills the adapter's memory or stack."""

from __future__ import annotations

import asyncio
from itertools import accumulate

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapter.api.problems import problem
from adapter.errors import Invalid, StatusError, TooLarge
from adapter.model.templates import MOST_LEVELS, too_deep

BODY_BYTES = 4 * 1024 * 1024
BODY_SECONDS = 60.0
LEVELS_OF_OURS = 4
"""How deep the calls' own bodies put a document."""

LEVELS_AT_ONCE = 4
"""How many of the innermost levels are taken away before those left are counted."""

_STEP = {ord("["): 1, ord("]"): -1}
_ALIKE = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_QUOTES_AND_BRACKETS = bytes(set(range(256)) - set(b'"[]{}'))


def is_too_deep(body: bytes, limit: int = MOST_LEVELS + LEVELS_OF_OURS) -> bool:
    """Whether a JSON text is nested more than `limit` levels deep, found without going down into it.

    Each step is one pass over bytes: a body of 4 MB keeps the other callers waiting no longer than its parsing does.
    """
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    kept = unescaped.translate(_ALIKE, _ALL_BUT_QUOTES_AND_BRACKETS).replace(b'""', b"")
    brackets = b"".join(kept.split(b'"')[::2])  # what is in no string; one without an end takes the rest
    levels = min(LEVELS_AT_ONCE, limit)
    for _ in range(levels):  # most documents are wide rather than deep: what is innermost goes
        brackets = brackets.replace(b"[]", b"")
    return any(map((limit - levels).__lt__, accumulate(map(_STEP.__getitem__, brackets))))


class BodyLimit:
    """ASGI middleware: a body of more than `limit` bytes, or nested too deeply, is refused with 413."""

    def __init__(self, app: ASGIApp, limit: int = BODY_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(receive, self._limit)
        except StatusError as error:
            await problem(error)(scope, receive, send)
            return
        if body is None:
            return
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)


async def read_body(receive: Receive, limit: int = BODY_BYTES) -> bytes | None:
    """The whole body; None when the caller is gone. Raises TooLarge, and Invalid for one that did not come in time."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
            if message["type"] != "http.request":
                return None
            body = bytes(message.get("body", b""))
            if message.get("more_body"):
                rest = await _read_rest(receive, len(body), limit)
                if rest is None:
                    return None
                body += rest
    except TimeoutError:
        raise Invalid("The body did not come in time.", hint="Send less at once.") from None
    if len(body) > limit:
        raise _too_large(limit)
    if is_too_deep(body):
        raise too_deep()
    return body


async def _read_rest(receive: Receive, size: int, limit: int) -> bytes | None:
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit // 1024 // 1024} MB.", hint="Send less at once.")
