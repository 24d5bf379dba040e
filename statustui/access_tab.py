"""The tab of who can view, change and use a secret, by which grant; for ADMINs."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from adapter.model.rights import AccessView
from adapter.model.wire import SecretView
from statustui.detail_tab import ReadTab
from statustui.theme import STATUS, VARIABLES
from statustui.users_screen import holders, via
from statustui.wording import one_line

_QUIET, _SIDE = VARIABLES["quiet"], VARIABLES["side"]


class AccessTab(ReadTab[list[AccessView]]):
    label, act = "Access", "who_can_use"

    async def ask(self, secret: SecretView) -> list[AccessView]:
        return await self._client.who_can_use(secret.id)

    def told(self, answer: list[AccessView]) -> Group:
        grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
        grid.add_column(ratio=1, no_wrap=True)
        grid.add_column(ratio=1, no_wrap=True, style=_SIDE)
        grid.add_column(ratio=1, no_wrap=True)
        for one in answer:
            grid.add_row(Text(one_line(one.who)), Text(one_line(via(one))), _can(one))
        return Group(Text(f"{holders(answer)} can use its value; p gives it to somebody for a while", _QUIET), grid)


def _can(one: AccessView) -> Text:
    if one.disabled:
        return Text("disabled", STATUS.warning or "")
    can = [word for word, may in (("view", one.view), ("change", one.change), ("use", one.use)) if may]
    return Text(", ".join(can) or "nothing", STATUS.primary or "" if one.use else _SIDE)
