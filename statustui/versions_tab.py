"""The tab of a secret's versions: number, state, when, by whom, why."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from adapter.model.records import parse_time
from adapter.model.wire import SecretView, VersionView
from statustui.detail_lines import or_dash
from statustui.detail_tab import ReadTab
from statustui.theme import VARIABLES
from statustui.times import exact, short
from statustui.version_table import STATES
from statustui.version_words import reason_cell
from statustui.wording import one_line, plural

_QUIET, _SIDE = VARIABLES["quiet"], VARIABLES["side"]
_ROOMY_FROM = 60
"""Cells, from which the author has a column of their own."""


class VersionsTab(ReadTab[list[VersionView]]):
    label, act = "Versions", "versions"

    async def ask(self, secret: SecretView) -> list[VersionView]:
        return await self._client.versions(secret.id)

    def told(self, answer: list[VersionView]) -> Group:
        roomy = self.size.width >= _ROOMY_FROM
        grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
        grid.add_column(width=3, justify="right", no_wrap=True)
        grid.add_column(width=9, no_wrap=True)
        grid.add_column(width=19 if roomy else 8, no_wrap=True, style=_SIDE)
        grid.add_column(ratio=1, no_wrap=roomy, style=_SIDE)
        if roomy:
            grid.add_column(ratio=2, style=_SIDE)
        for one in answer:
            grid.add_row(str(one.version), Text(one.state, STATES.get(one.state, _SIDE)), *self._rest(one, roomy=roomy))
        return Group(Text(f"{plural(len(answer), 'version')}; v compares and rolls back", _QUIET), grid)

    def _rest(self, one: VersionView, *, roomy: bool) -> list[Text]:
        moment = parse_time(one.created_at)
        if roomy:
            return [Text(exact(moment) if moment else one_line(one.created_at)), *_who_and_why(one)]
        when = short(moment, self._clock()) if moment else one_line(one.created_at)
        return [Text(when), Text(" · ", _QUIET).join(_who_and_why(one))]


def _who_and_why(one: VersionView) -> list[Text]:
    return [or_dash(one.created_by), or_dash(reason_cell(one))]
