"""The application as a server calls it: every call counted and logged, calls for one value answered the short way."""

from __future__ import annotations

import logging
import time
from typing import Any

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from adapter.api.metrics import OTHER, Metrics
from adapter.api.value_call import Reply, ValueCall

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

log = logging.getLogger("adapter.calls")


class AdapterApp(FastAPI):
    """What a browser's page sends (it has an `Origin`) goes the framework's way, where CORS is."""

    def prepare(self, prefix: str, metrics: Metrics) -> None:
        """Before the first call; `prefix` is that of the API's paths."""
        self._metrics = metrics
        self.value_call = ValueCall(prefix)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if self.value_call.takes(scope):
                scope["app"] = self
                await self.value_call(scope, receive, watched)
            else:
                await super().__call__(scope, receive, watched)
        finally:
            self._note(scope, status, time.perf_counter() - begun)

    async def value(self, scope: Scope, body: bytes) -> Reply:
        """The answer to a call for one value whose body is here as a whole."""
        begun, status = time.perf_counter(), 0
        scope["app"] = self
        try:
            reply = await self.value_call.reply(scope, body)
            status = reply[0]
            return reply
        finally:
            self._note(scope, status, time.perf_counter() - begun)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        path = getattr(route, "path", OTHER) if route is not None else OTHER
        method = scope["method"] if scope["method"] in METHODS else OTHER
        self._metrics.called(method, path, status, seconds)
        level = logging.ERROR if status >= 500 else logging.INFO
        if log.isEnabledFor(level):
            client = scope.get("client")
            fields = {
                "method": method,
                "route": path,
                "status": status,
                "ms": round(seconds * 1000, 2),
                "peer": client[0] if client else None,
                "request": scope.get("state", {}).get("request_id"),
            }
            log.log(level, "%s %s %s", method, path, status, extra={"fields": fields})
