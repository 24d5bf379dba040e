"""What a person does at the keyboard, for any backend."""

from __future__ import annotations

import re
from typing import Any

from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from statustui.plain_table import PlainTable
from tests.tui.fake_adapter import PASSWORDS
from tests.tui.pictures import settle

_NAMES = {" ": "space", "-": "minus", "_": "underscore", ".": "full_stop", ":": "colon", "/": "slash"}


async def type_text(pilot: Pilot[Any], text: str) -> None:
    await pilot.press(*(_NAMES.get(char, char) for char in text))


async def sign_in(pilot: Pilot[Any], name: str, password: str | None = None) -> None:
    """From the sign-in screen, the name field having the focus."""
    await type_text(pilot, name)
    await pilot.press("tab")
    await type_text(pilot, PASSWORDS[name] if password is None else password)
    await pilot.press("enter")
    await settle(pilot)


async def fill_sign_in(pilot: Pilot[Any], name: str) -> None:
    """The same with the fields filled at once, as typing takes a test's time."""
    set_text(pilot, "username", name)
    set_text(pilot, "password", PASSWORDS[name])
    pilot.app.screen.query_one("#password").focus()
    await pilot.press("enter")
    await settle(pilot)


def set_text(pilot: Pilot[Any], field: str, text: str) -> None:
    pilot.app.screen.query_one(f"#{field}", Input).value = text


async def type_new_secret(pilot: Pilot[Any], *, name: str, value: str, description: str = "") -> None:
    """From the list: open the form and type it full, in its own order."""
    await pilot.press("n")
    await settle(pilot)
    await type_text(pilot, name)
    await pilot.press("tab")
    await type_text(pilot, description)
    await pilot.press("tab", "tab")
    await type_text(pilot, value)
    await settle(pilot)


async def fill_new_secret(pilot: Pilot[Any], *, name: str, value: str, description: str = "") -> None:
    """From the list: open the form and fill it at once."""
    await pilot.press("n")
    await settle(pilot)
    for field, text in (("name", name), ("description", description), ("value", value)):
        set_text(pilot, field, text)
    pilot.app.screen.query_one("#value").focus()
    await settle(pilot)


def screen_text(pilot: Pilot[Any]) -> str:
    """What is on the screen, line by line."""
    width = pilot.app.size.width
    svg = pilot.app.export_screenshot()
    found = re.findall(r'<text[^>]*x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', svg)
    lines: dict[float, str] = {}
    for x, y, text in found:
        plain = text.replace("&#160;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        plain = plain.replace("&#x27;", "'").replace("&quot;", '"').replace("&#39;", "'")
        column = round(float(x) / 12.2)
        lines[float(y)] = lines.get(float(y), "").ljust(min(column, width)) + plain
    return "\n".join(lines[y] for y in sorted(lines))


def listed(pilot: Pilot[Any]) -> list[str]:
    """The names in the list, from top to bottom."""
    table = next(iter(pilot.app.screen_stack[-1].query(DataTable)))
    return [str(table.get_row_at(index)[0]) for index in range(table.row_count)]


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def go_to(pilot: Pilot[Any], text: str) -> None:
    """The cursor to the row that holds `text`."""
    table = pilot.app.screen.query_one(PlainTable)
    for row in range(table.row_count):
        if text in " ".join(map(str, table.get_row_at(row))):
            table.move_cursor(row=row)
            await settle(pilot)
            return
    raise AssertionError(f"{text} is not in the table:\n{screen_text(pilot)}")
