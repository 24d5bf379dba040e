"""The HTTP server of `status-secrets serve`: uvicorn, with limits for callers who send too slowly or too much."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from adapter.cli.quick_value import QuickValue

HEADER_SECONDS = 30.0
"""How long a caller may take for a request's line and headers."""

HEADER_BYTES = 64 * 1024
KEPT_OPEN = 75
STOP_WITHIN = 2
"""Seconds that a connection is kept without a request; that requests under way are given at the end."""

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2, the oldest version that is spoken; those of TLS 1.3 are not chosen."""


class Joining:
    """A transport that puts an answer's head and its first piece into one write: each write is a system call."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._later = loop.call_soon
        self._head = b""
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
            self._transport.write(data)
        elif data.startswith(b"HTTP/1.1 2"):
            self._head = data
            self._later(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            data, self._head = self._head, b""
            self._transport.write(data)


class Guarded(QuickValue):
    """A connection that is closed when a request's head does not come in time, or does not end."""

    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None
    _within_head = True

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.transport = Joining(transport, self.loop)  # type: ignore[assignment]
        self._expect_rest()

    def data_received(self, data: bytes) -> None:
        if self._within_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._within_head and self._head_timer is None:
            self._expect_rest()
        if self._within_head and self._head_bytes > HEADER_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._within_head = True

    def on_headers_complete(self) -> None:
        self._forget_head()
        super().on_headers_complete()

    def connection_lost(self, error: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(error)

    def _expect_rest(self) -> None:
        """Most heads come whole: only what is left of one is waited for."""
        self._head_timer = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _forget_head(self) -> None:
        self._within_head, self._head_bytes = False, 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def serve(
    load: Callable[[], ASGIApp],
    place: tuple[str, int],
    certificate: tuple[Path, Path] | None,
    log_config: dict[str, Any],
) -> None:
    """Serve until SIGINT or SIGTERM; over TLS when there is a certificate with its key."""
    cert, key = certificate or (None, None)
    config = uvicorn.Config(
        load,
        factory=True,
        host=place[0],
        port=place[1],
        loop="uvloop",
        http=Guarded,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=log_config,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEPT_OPEN,
        timeout_graceful_shutdown=STOP_WITHIN,
        ssl_certfile=cert,
        ssl_keyfile=key,
        ssl_ciphers=CIPHERS,
    )
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises them once more at its end
        signal.signal(number, lambda *_: None)
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise SystemExit(1)
