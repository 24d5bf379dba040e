"""A relay in front of a real server, which passes bytes on late, or drops connections: a bad network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Relay:
    """`delay`: seconds by which what the server sends comes late. `drop`: how many connections are closed at once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._scheme = parts.scheme
        self.delay = 0.0
        self.drop = 0
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.drop > 0:
            self.drop -= 1
            writer.close()
            return
        there_reader, there = await asyncio.open_connection(self._host, self._port)
        self._writers |= {writer, there}
        await asyncio.gather(self._pump(reader, there, late=False), self._pump(there_reader, writer, late=True))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, late: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if late and self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        writer.close()

    def cut(self) -> None:
        """Close every connection that is open."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()


@asynccontextmanager
async def relay(url: str) -> AsyncIterator[Relay]:
    one = Relay(url)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.url = f"{urlsplit(url).scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield one
    finally:
        one.cut()
        server.close()
