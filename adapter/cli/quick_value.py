"""The one call that components make all the time, answered by the server itself: without a task and a queue of ASGI.

Only the plain case: the request came whole, in one piece, and nothing else is under way on its connection. Everything
else goes the usual way, through the application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from adapter.api.limits import BODY_BYTES, is_too_deep
from adapter.api.value_call import Reply

if TYPE_CHECKING:
    from adapter.api.asgi import AdapterApp

_OTHERWISE = frozenset({b"expect", b"origin", b"transfer-encoding", b"upgrade"})
"""Headers that ask for more than an answer."""


class _Event:
    def set(self) -> None:
        """Nobody waits."""


class _Cycle:
    """What uvicorn wants to know of a request that is under way."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")
    message_event = _Event()

    def __init__(self, *, keep_alive: bool) -> None:
        self.disconnected = False
        self.keep_alive = keep_alive
        self.response_complete = False


class QuickValue(HttpToolsProtocol):
    """A connection of uvicorn's that knows `POST /secrets/{id}/value`."""

    _value_app: AdapterApp | None = None
    _held: list[bytes] | None = None
    """The pieces of a body that may be answered here."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        app = self.app
        if hasattr(app, "value_call") and not self.root_path:
            self._value_app = app

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._held is not None:
            self._go_the_usual_way()

    def on_headers_complete(self) -> None:
        if self._value_app is not None and self._is_value_call(self._value_app):
            self._held = []
        else:
            super().on_headers_complete()

    def _is_value_call(self, app: AdapterApp) -> bool:
        url = self.url
        return (
            app.value_call.is_at(url.decode("latin-1"))
            and b"%" not in url
            and b"?" not in url
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and (self.cycle is None or self.cycle.response_complete)
            and _OTHERWISE.isdisjoint([name for name, _ in self.headers])
        )

    def on_body(self, body: bytes) -> None:
        if self._held is None:
            super().on_body(body)
        else:
            self._held.append(body)

    def on_message_complete(self) -> None:
        if self._held is None:
            super().on_message_complete()
            return
        body = self._held[0] if len(self._held) == 1 else b"".join(self._held)
        if len(body) > BODY_BYTES or is_too_deep(body):
            self._go_the_usual_way()
            super().on_message_complete()
            return
        self._held = None
        self.cycle = cycle = _Cycle(keep_alive=self.parser.should_keep_alive())  # type: ignore[assignment]
        self.scope["method"] = "POST"
        self.scope["path"] = self.url.decode("ascii")
        task = self.loop.create_task(self._answer(cycle, body))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _go_the_usual_way(self) -> None:
        held, self._held = self._held, None
        super().on_headers_complete()
        for piece in held or ():
            super().on_body(piece)

    async def _answer(self, cycle: _Cycle, body: bytes) -> None:
        assert self._value_app is not None
        reply = await self._value_app.value(self.scope, body)  # type: ignore[arg-type]
        if cycle.disconnected:
            return
        self.transport.write(self._written(reply, cycle))
        cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _written(self, reply: Reply, cycle: _Cycle) -> bytes:
        status, headers, content = reply
        lines = [STATUS_LINE[status]]
        for name, value in (*self.server_state.default_headers, *headers):
            lines += (name, b": ", value, b"\r\n")
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        return b"".join((*lines, b"\r\n", content))
