"""Who can view, change and use one secret, by which grant; from here somebody gets it for a while."""

from __future__ import annotations

from textual.content import Content

from adapter.client import AsyncClient
from adapter.model.access import EVERYWHERE
from adapter.model.records import parse_time
from adapter.model.rights import AccessView
from adapter.model.roles import Role
from adapter.model.wire import SecretView
from statustui.access_section import Done
from statustui.clock import Clock
from statustui.created import CreatedScreen
from statustui.dimmed import offered
from statustui.plain_table import PlainColumn, Row
from statustui.session import Session
from statustui.table_screen import TableScreen
from statustui.temporary_form import TemporaryForm
from statustui.theme import STATUS, VARIABLES
from statustui.times import ago
from statustui.wording import DASH, cut_middle, one_line, plural

_SIDE = VARIABLES["side"]


class UsersScreen(TableScreen[list[AccessView], None]):
    COLUMNS = (
        PlainColumn("Who", share=5, cut=cut_middle),
        PlainColumn("By the role", share=5, cut=cut_middle),
        PlainColumn("View", 6),
        PlainColumn("Change", 6),
        PlainColumn("Use", 6),
        PlainColumn("", 10),
    )
    EMPTY = "Nobody but those who hold the vault's keys."
    BINDINGS = [
        *offered(
            "t", "give", "Temporary access", id="users.give", tooltip="Let somebody read this one secret for a while"
        ),
    ]

    def __init__(
        self, client: AsyncClient, secret: SecretView, session: Session, vault_name: str, clock: Clock
    ) -> None:
        super().__init__(client, session, vault_name, clock, heading=f"{secret.name} · who can use it")
        self._secret = secret

    async def read(self) -> list[AccessView]:
        return await self._client.who_can_use(self._secret.id)

    def words(self, answer: list[AccessView]) -> Content:
        told = f"In {one_line(self._secret.scope)} {holders(answer)} can use its value. A line for each grant."
        return Content.styled(told, "$quiet")

    def rows(self, answer: list[AccessView]) -> list[Row]:
        return [self._row(one) for one in answer]

    def _row(self, one: AccessView) -> Row:
        ends = parse_time(one.expires_at) if one.expires_at else None
        until = ago(ends, self._clock()) if ends else ""
        state = ("disabled", STATUS.warning or "") if one.disabled else (until, _SIDE)
        return [(one.who, ""), (via(one), _SIDE), _tick(one.view), _tick(one.change), _tick(one.use), state]

    def foot(self, answer: list[AccessView], index: int) -> Content:
        if index >= len(answer):
            return Content("")
        one = answer[index]
        can = [word for word, may in (("view", one.view), ("change", one.change), ("use", one.use)) if may]
        stopped = " The vault refuses them at present." if one.disabled else ""
        until = f", until {one.expires_at}" if one.expires_at else ""
        told = f"{one.who} can {', '.join(can) or 'do nothing with'} it: {via(one)}{until}.{stopped}"
        return Content.styled(one_line(told), "$quiet")

    def why_not(self, action: str) -> str:
        return "" if action != "give" or self._session.holds_anywhere(Role.ADMIN) else "Giving access needs ADMIN."

    def action_give(self) -> None:
        self.app.push_screen(TemporaryForm(self._client, self._secret), self._given)

    def _given(self, done: Done | None) -> None:
        if done is None or done.shown_once is None:
            return
        self.load()
        shown = CreatedScreen(done.heading, done.shown_once, words=done.words)
        self.app.push_screen(shown, lambda _: self.say(done.sentence, done=True))


def holders(answer: list[AccessView]) -> str:
    """How many can use the value, each counted once."""
    return plural(len({one.who for one in answer if one.use and not one.disabled}), "holder")


def via(one: AccessView) -> str:
    if one.kind == "temporary":
        return "temporary access"
    return f"{one.via.role} {'everywhere' if one.via.scope == EVERYWHERE else f'in {one.via.scope}'}"


def _tick(may: bool) -> tuple[str, str]:
    return ("✓", STATUS.success or "") if may else (DASH, VARIABLES["faint"])
