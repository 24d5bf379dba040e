"""Pictures of the running program."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

LIVE = "live"
Steps = Callable[[Pilot[Any]], Awaitable[None]]


async def settle(pilot: Pilot[Any]) -> None:
    """Until no worker runs but those that follow something live, and nothing is left to be drawn."""
    for _ in range(4):
        if ending := [one for one in pilot.app.workers if one.group != LIVE]:
            await pilot.app.workers.wait_for_complete(ending)
        await pilot.pause()


async def take(app: App[Any], size: tuple[int, int], steps: Steps, path: Path) -> None:
    """Run `app` at `size` cells, do `steps`, and write what is then on the screen to `path` as SVG."""
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await steps(pilot)
        await settle(pilot)
        for one in app.screen.query(Input):
            one.cursor_blink = False
        path.write_text(_self_contained(app.export_screenshot()), encoding="utf-8")


def _self_contained(svg: str) -> str:
    """Without the fonts that a viewer would fetch from elsewhere, and with leading spaces that every viewer keeps."""
    svg = re.sub(r"@font-face \{.*?\}\n?", "", svg, flags=re.DOTALL)
    return svg.replace("<text ", '<text xml:space="preserve" ')
