"""An adapter in the same process: what it answers comes as it is made, also when it never ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from adapter.client.in_process import InProcess
from adapter.client.streaming import Streaming
from adapter.errors import StatusError

BASE = "http://adapter/api/v1"


class Live:
    """An app with a stream that lasts until its reader leaves."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self.left = asyncio.Event()
        self.asked: list[str | None] = []
        self.app = Starlette(
            routes=[
                Route("/api/v1/stream", self.stream),
                Route("/api/v1/echo", self.echo, methods=["POST"]),
                Route("/api/v1/fault", self.fault),
            ]
        )

    async def stream(self, request: Request) -> StreamingResponse:
        self.asked.append(request.headers.get("last-event-id"))
        return StreamingResponse(self.feed(), media_type="text/event-stream")

    async def feed(self) -> AsyncIterator[str]:
        try:
            while True:
                yield await self.lines.get()
        finally:
            self.left.set()

    async def echo(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse((await request.body()).decode() + str(request.url.query))

    async def fault(self, request: Request) -> PlainTextResponse:
        raise RuntimeError("a canary that must not be answered")


@pytest.fixture
async def live() -> Live:
    return Live()


async def test_events_come_while_the_stream_is_open(live: Live) -> None:
    async with Streaming(BASE, transport=InProcess(live.app)) as client, client._stream("stream", after="7") as events:
        for number in ("8", "9"):
            live.lines.put_nowait(f": beat\n\nid: {number}\nevent: version\ndata: a\ndata: {number}\n\n")
            sent = await asyncio.wait_for(anext(events), 2)
            assert (sent.id, sent.event, sent.data) == (number, "version", f"a\n{number}")
        assert live.asked == ["7"]
        assert not live.left.is_set()
    await asyncio.wait_for(live.left.wait(), 2)


async def test_one_who_is_cancelled_leaves_the_stream(live: Live) -> None:
    async def read() -> None:
        async with Streaming(BASE, transport=InProcess(live.app)) as client, client._stream("stream") as events:
            await anext(events)

    task = asyncio.create_task(read())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(live.left.wait(), 2)


async def test_bodies_go_there_and_back(live: Live) -> None:
    async with Streaming(BASE, transport=InProcess(live.app)) as client:
        answer = await client._send("POST", "echo", content={"a": "ä" * 100_000}, params={"q": "1"})
        assert answer.text == '{"a":"' + "ä" * 100_000 + '"}q=1'


async def test_a_fault_is_an_answer(live: Live) -> None:
    async with Streaming(BASE, transport=InProcess(live.app)) as client:
        for ask in (client._send("GET", "fault"), _enter(client, "fault"), _enter(client, "nowhere")):
            with pytest.raises(StatusError) as caught:
                await ask
            assert "canary" not in str(caught.value)


async def _enter(client: Streaming, path: str) -> None:
    async with client._stream(path):
        raise AssertionError("there is nothing to read")
