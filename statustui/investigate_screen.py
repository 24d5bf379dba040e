"""After an incident: everyone who could have a secret's value, or all that somebody touched."""

from __future__ import annotations

from datetime import datetime

from textual import on, work
from textual.content import Content
from textual.message import Message

from adapter.client import AsyncClient
from adapter.errors import StatusError
from adapter.model.address import Address
from adapter.model.audit import EventAct, Investigation, Touched, Use, had_it, is_written
from adapter.model.records import parse_time
from adapter.model.rights import TemporaryView
from adapter.model.roles import Role
from adapter.model.wire import SecretView
from statustui.acts import Acts
from statustui.clock import Clock
from statustui.dimmed import offered
from statustui.plain_table import PlainColumn, PlainTable, Row
from statustui.problem import ProblemBox
from statustui.rights import lacking
from statustui.session import Session
from statustui.show_secret import ShowSecret
from statustui.table_screen import TableScreen
from statustui.theme import STATUS, VARIABLES
from statustui.times import both, left, short
from statustui.wording import DASH, cut_middle, grouped, one_line

_SIDE = VARIABLES["side"]
_USES = (
    PlainColumn("Last", 8),
    PlainColumn("Who", share=4, cut=cut_middle),
    PlainColumn("What", 10, wide=True),
    PlainColumn("Value", 9),
    PlainColumn("Times", 6),
    PlainColumn("From", 15),
    PlainColumn("With", 10, wide=True),
    PlainColumn("First", 8, wide=True),
)
_TOUCHED = (
    PlainColumn("Last", 8),
    PlainColumn("Secret", share=5, cut=cut_middle),
    PlainColumn("Acts", share=5),
    PlainColumn("First", 8, wide=True),
)


class InvestigateScreen(TableScreen[Investigation, None]):
    """Of one secret (`secret` is its address), or of one actor."""

    COLUMNS = _USES
    EMPTY = "Nobody, as far as the log reaches."
    BINDINGS = [
        *offered("u", "rotate", "Rotate now", id="investigate.rotate", tooltip="Store a new value in its place"),
        *offered("s", "secret", "Go to secret", id="investigate.secret", tooltip="Show it in the list"),
    ]

    class Found(Message):
        def __init__(self, secret: SecretView) -> None:
            super().__init__()
            self.secret = secret

    def __init__(
        self,
        client: AsyncClient,
        session: Session,
        vault_name: str,
        clock: Clock,
        *,
        secret: str | None = None,
        actor: str | None = None,
    ) -> None:
        heading = f"Who could have the value of {secret}" if secret else f"What {actor} touched"
        super().__init__(client, session, vault_name, clock, heading=heading)
        self._secret, self._actor = secret, actor

    async def read(self) -> Investigation:
        return await self._client.investigate(secret=self._secret, actor=self._actor)

    def columns(self, answer: Investigation) -> tuple[PlainColumn, ...]:
        return _USES if answer.kind == "secret" else _TOUCHED

    def rows(self, answer: Investigation) -> list[Row]:
        now = self._clock()
        if answer.kind == "secret":
            newest = _newest(answer)
            rows = [_use_row(use, _has_it(use, answer.rotated_at, newest), now) for use in had_it(answer)]
            return [*(_may_read_row(given, now) for given in answer.may_read or ()), *rows]
        return [_touched_row(one, now) for one in answer.touched]

    def words(self, answer: Investigation) -> Content:
        now = self._clock()
        rotated, known = (parse_time(text) if text else None for text in (answer.rotated_at, answer.known_since))
        lines = []
        if rotated:
            lines.append(
                f"The current value is of {both(rotated, now)}. Who used only an earlier one does not have it."
            )
        elif answer.kind == "secret":
            lines.append("When the current value was made is not in the log: every use counts.")
        lines.append(f"The log is known since {both(known, now)}." if known else "The log is empty.")
        return Content.styled("\n".join(lines), "$quiet")

    # --- acts

    def _chosen(self) -> str | None:
        """The address of the secret that it is about, or of the one under the cursor."""
        if self._secret or self.answer is None:
            return self._secret
        row = self.query_one(PlainTable).cursor_row
        return self.answer.touched[row].secret if 0 <= row < len(self.answer.touched) else None

    def why_not(self, action: str) -> str:
        chosen = self._chosen() if action in ("rotate", "secret") else ""
        if chosen is None or (chosen and Address(chosen).scope is None):
            return "This is no secret."
        if action == "rotate" and chosen:
            return lacking(Role.DEVELOPER, "Updating a value", self._session, str(Address(chosen).scope))
        return ""

    def action_secret(self) -> None:
        if (chosen := self._chosen()) is not None:
            self.post_message(ShowSecret(Address(chosen).id))

    def action_rotate(self) -> None:
        if (chosen := self._chosen()) is not None:
            self.waiting(True)
            self._find(Address(chosen).id)

    @work(exclusive=True, group="find")
    async def _find(self, secret_id: str) -> None:
        try:
            self.post_message(self.Found(await self._client.secret(secret_id)))
        except StatusError as error:
            self.post_message(self.Failed(error))

    @on(Found)
    def _found(self, message: Found) -> None:
        self.waiting(False)
        self.query_one(ProblemBox).clear()
        Acts(self, self._client, self._clock, self._done, self.load).update_value(message.secret)

    def _done(self, sentence: str, about: str | None) -> None:
        self.say(sentence, done=True)
        self.load()


def _newest(answer: Investigation) -> int | None:
    """The newest version that was written or used since the current value was made."""
    return max((use.version or 0 for use in had_it(answer) if use.last >= (answer.rotated_at or "")), default=None)


def _has_it(use: Use, rotated_at: str | None, newest: int | None) -> bool:
    """Whether the use was of the value as it is now; what is not known counts as if it was."""
    return use.last >= (rotated_at or "") and (not use.version or use.version == newest)


def _use_row(use: Use, has_it: bool, now: datetime) -> Row:
    version = f"v{use.version}" if use.version else "earlier"
    if is_written(use):
        version = f"wrote {version}"
    value = ("has it", f"bold {STATUS.error}") if has_it else (version, _SIDE)
    return [
        (_short(use.last, now), _SIDE),
        (use.actor, ""),
        ("temporary" if use.temporary else use.actor_kind, _SIDE),
        value,
        (grouped(use.count).rjust(5), _SIDE),
        (use.address or DASH, _SIDE),
        (_with(use), _SIDE),
        (_short(use.first, now), _SIDE),
    ]


def _with(use: Use) -> str:
    if is_written(use):
        return "wrote it"
    return "a backup" if use.act == EventAct.BACKED_UP else use.client or DASH


def _may_read_row(given: TemporaryView, now: datetime) -> Row:
    """Somebody who has not used it, or not for the last time."""
    until, uses = parse_time(given.expires_at), DASH if given.uses_left is None else grouped(given.uses_left)
    return [
        (DASH, _SIDE),
        (given.who.partition(":")[2], ""),
        ("temporary", _SIDE),
        ("may read", f"bold {STATUS.error}"),
        (uses.rjust(5), _SIDE),
        (left(until, now) if until else DASH, _SIDE),
        (DASH, _SIDE),
        (_short(given.at, now), _SIDE),
    ]


def _touched_row(one: Touched, now: datetime) -> Row:
    acts = ", ".join(f"{one_line(act.replace('_', ' '))} {grouped(count)}" for act, count in one.acts.items())
    return [(_short(one.last, now), _SIDE), (one.secret, ""), (acts, _SIDE), (_short(one.first, now), _SIDE)]


def _short(time: str, now: datetime) -> str:
    return short(parse_time(time), now)
