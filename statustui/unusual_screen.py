"""What is unusual: what the rules marked, newest first; enter shows the events of one."""

from __future__ import annotations

from datetime import datetime, timedelta

from textual import on
from textual.binding import Binding
from textual.content import Content

from adapter.client import AsyncClient
from adapter.model.records import iso, parse_time
from adapter.model.unusual import Finding, UnusualReport
from statustui.audit_words import flag_text
from statustui.clock import Clock
from statustui.plain_table import PlainColumn, PlainTable, Row
from statustui.session import Session
from statustui.table_screen import TableScreen
from statustui.theme import STATUS, VARIABLES
from statustui.times import exact, short
from statustui.wording import DASH, cut_middle, grouped, one_line, plural

_SIDE = VARIABLES["side"]
SPANS = ("1d", "7d", "28d")
_SPAN_WORDS = {"1d": "the last day", "7d": "the last 7 days", "28d": "the last 28 days"}


class UnusualScreen(TableScreen[UnusualReport, str]):
    """Dismisses with the filter line that shows a finding's events, or None."""

    COLUMNS = (
        PlainColumn("Last", 8),
        PlainColumn("Rule", 17),
        PlainColumn("Who", share=3, cut=cut_middle),
        PlainColumn("Times", 6),
        PlainColumn("What", share=7),
        PlainColumn("Secret", share=4, cut=cut_middle, wide=True),
    )
    EMPTY = "Nothing unusual."
    BINDINGS = [
        Binding("w", "widen", "Further back", id="unusual.widen", tooltip="The last day, 7 days, 28 days"),
    ]
    HELP_NOTES = (("enter", "The events of a finding"),)

    def __init__(self, client: AsyncClient, session: Session, vault_name: str, clock: Clock) -> None:
        super().__init__(client, session, vault_name, clock, heading="Unusual")
        self._span = SPANS[0]
        self._at: tuple[str, ...] = ()

    def on_mount(self) -> None:
        self.watch(self.app, "unusual", self.load, init=False)

    async def read(self) -> UnusualReport:
        return await self._client.unusual(since=self._span)

    def words(self, answer: UnusualReport) -> Content:
        off = [rule.name for rule in answer.rules if not rule.on]
        left_out = f" Switched off: {', '.join(off)}." if off else ""
        found = plural(answer.count, "finding")
        return Content.styled(
            f"{found} in {_SPAN_WORDS[self._span]}, by {plural(len(answer.rules) - len(off), 'rule')}. "
            f"Hints, not proofs.{left_out}",
            "$quiet",
        )

    def rows(self, answer: UnusualReport) -> list[Row]:
        now = self._clock()
        return [_row(one, now) for one in answer.findings]

    def foot(self, answer: UnusualReport, index: int) -> Content:
        if index >= len(answer.findings):
            return Content("")
        one = answer.findings[index]
        what = next((rule.what for rule in answer.rules if rule.name == one.rule), "")
        about = f"{one.secret} · " if one.secret else ""
        first, last = parse_time(one.first), parse_time(one.last)
        times = f"{exact(first)} to {exact(last)}" if first and last else ""
        return Content.assemble(
            Content(f"{one_line(one.words)}\n"),
            Content.styled(f"{one_line(about)}{one_line(one.address or DASH)} · {times}\n", "$side"),
            Content.styled(f"The rule: {one_line(what)}.", "$quiet"),
        )

    def show(self, answer: UnusualReport) -> None:
        """The cursor stays on its finding when others came in above."""
        at = self._at
        super().show(answer)
        rows = [_identity(one) for one in answer.findings]
        if at in rows:
            self.query_one(PlainTable).move_cursor(row=rows.index(at), animate=False)

    @on(PlainTable.Moved)
    def _remember(self, message: PlainTable.Moved) -> None:
        if self.answer is not None and 0 <= message.index < len(self.answer.findings):
            self._at = _identity(self.answer.findings[message.index])

    @on(PlainTable.Opened)
    def _opened(self, message: PlainTable.Opened) -> None:
        if self.answer is not None and message.index < len(self.answer.findings):
            self.dismiss(events_of(self.answer.findings[message.index]))

    def action_widen(self) -> None:
        self._span = SPANS[(SPANS.index(self._span) + 1) % len(SPANS)]
        self.load()


def _identity(one: Finding) -> tuple[str, ...]:
    """What stays the same of a finding while more of it happens."""
    return one.rule, one.actor, one.first, one.secret or ""


def _row(one: Finding, now: datetime) -> Row:
    return [
        (short(parse_time(one.last), now), _SIDE),
        (flag_text(one.rule), STATUS.warning or ""),
        (one.actor, ""),
        (grouped(one.count).rjust(5), _SIDE),
        (one.words, ""),
        (one.secret or "", _SIDE),
    ]


def events_of(one: Finding) -> str:
    """The filter line for a finding's events: who, and from when to when."""
    first, last = parse_time(one.first), parse_time(one.last)
    actor = f'actor:"{one.actor}"' if " " in one.actor else f"actor:{one.actor}"
    terms = [actor]
    if first and last:
        terms += [f"from:{iso(first - timedelta(minutes=1))}", f"to:{iso(last + timedelta(seconds=1))}"]
    return " ".join(terms)
