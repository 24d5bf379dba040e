"""Temporary access to single secrets: what there is of it, and taking it back."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from adapter.client import AsyncClient
from adapter.model.records import parse_time
from adapter.model.rights import TemporaryView
from statustui.access_section import Done, Form, Section
from statustui.plain_table import PlainColumn, Row
from statustui.reason_form import ReasonForm
from statustui.theme import VARIABLES
from statustui.times import ago
from statustui.wording import DASH, cut_middle

_SIDE = VARIABLES["side"]


class TemporarySection(Section[TemporaryView]):
    name, label = "temporary", "Temporary"
    columns = (
        PlainColumn("Who", share=4, cut=cut_middle),
        PlainColumn("Secret", share=6, cut=cut_middle),
        PlainColumn("Ends", 10),
        PlainColumn("Uses left", 9),
        PlainColumn("By", share=2, cut=cut_middle, wide=True),
    )
    empty = "Nobody has temporary access."
    offers = {"delete": "Take back"}

    async def read(self, client: AsyncClient) -> list[TemporaryView]:
        return await client.temporary()

    def row(self, one: TemporaryView, now: datetime) -> Row:
        ends = parse_time(one.expires_at)
        left = DASH if one.uses_left is None else str(one.uses_left)
        until = ago(ends, now) if ends else one.expires_at
        return [(one.who, ""), (one.address, _SIDE), (until, ""), (left.rjust(5), _SIDE), (one.by, _SIDE)]

    def about(self, one: TemporaryView, now: datetime) -> Content:
        given = parse_time(one.at)
        when = f"Given {ago(given, now)} by {one.by}" if given else f"Given by {one.by}"
        return Content(f"{when}{f': {one.reason}' if one.reason else ''}. It ends by itself.")

    def form(self, act: str, client: AsyncClient, one: TemporaryView | None, scopes: list[str]) -> Form:
        assert one is not None

        async def call(reason: str | None) -> Done:
            await client.take_temporary_back(one.id, reason=reason)
            return Done(f"{one.who}: access to {one.address} taken back")

        words = f"{one.who} can no longer read {one.address} by it, from now on."
        return ReasonForm(client, f"Take back · {one.who}", words, label="Take back", call=call)
