"""The program on a fake adapter, driven by real key presses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from statustui.app import StatusApp
from tests.tui.fake_adapter import FakeAdapter, FakeBackend, clock, sample
from tests.tui.pictures import settle
from tests.tui.steps import fill_sign_in

Opened = Callable[..., AbstractAsyncContextManager[Pilot[Any]]]


@pytest.fixture
def fake() -> FakeAdapter:
    adapter = FakeAdapter()
    sample(adapter)
    return adapter


@pytest.fixture
def opened(fake: FakeAdapter) -> Opened:
    """`opened(size=…, who=…, backend=…)`: the program, booted; signed in as `who` when given."""

    @asynccontextmanager
    async def run(
        *, size: tuple[int, int] = (80, 24), who: str | None = None, backend: FakeBackend | None = None
    ) -> AsyncIterator[Pilot[Any]]:
        app = StatusApp(backend or FakeBackend(fake), clock=clock)
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            if who is not None:
                await fill_sign_in(pilot, who)
            yield pilot

    return run
