"""The upper part of the audit screen: the filter line, the table, or what to do when it is empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input, Static

from adapter.model.audit import Reading
from statustui.audit_filter import EXAMPLE, complete
from statustui.clock import Clock
from statustui.event_table import EventTable
from statustui.problem import ProblemBox
from statustui.wording import grouped, one_line

WORTH_SAYING = 200_000
"""Bytes of the log that are not read yet: the last lines never are, as asking for events writes some."""


class Known(Suggester):
    """Finishes the word that is being typed, from the terms and from what was seen so far."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.values: Mapping[str, Iterable[str]] = {}

    async def get_suggestion(self, value: str) -> str | None:
        return complete(value, self.values)


class FilterLine(Input):
    """Tab takes the suggestion where there is one, as a shell does; the right arrow does so too."""

    BINDINGS = [Binding("tab", "take", "Complete", show=False)]

    def __init__(self, known: Known) -> None:
        super().__init__(id="filter", placeholder=EXAMPLE, compact=True, suggester=known)

    def action_take(self) -> None:
        if self._suggestion and self._suggestion != self.value:
            self.value = self._suggestion
            self.cursor_position = len(self.value)
        else:
            self.screen.focus_next()


class AuditPane(Vertical):
    def __init__(self, clock: Clock, title: str, *, one_secret: bool = False) -> None:
        super().__init__(id="audit-pane")
        self._clock = clock
        self._title = title
        self._one_secret = one_secret
        self.known = Known()

    def compose(self) -> ComposeResult:
        with Horizontal(id="filter-row"):
            yield Static("/", id="filter-mark")
            yield FilterLine(self.known)
            yield Static(id="audit-count")
        yield ProblemBox()
        yield EventTable(self._clock, one_secret=self._one_secret)
        yield Static(id="empty")

    def count(self, shown: int, everything: int, *, state: str) -> None:
        """How many fit the filter, of how many; and whether the view is live."""
        mark = "●" if state == "live" else "○"
        self.border_title = Content(f"{one_line(self._title)} · {state}")
        of = f" of {grouped(everything)}" if everything > shown else ""
        self.query_one("#audit-count", Static).update(
            Content.assemble(f"{grouped(shown)}{of} ", (f"{mark} {state}", "$accent" if state == "live" else "$quiet"))
        )

    def lags(self, reading: Reading) -> None:
        """Say in place when the view does not have all of the log yet."""
        self.border_subtitle = Content(lag_text(reading))

    def show_empty(self, words: str, hint: str = "") -> None:
        """Words in the place of the table; none, when there is one."""
        empty = self.query_one("#empty", Static)
        empty.display = bool(words)
        self.query_one(EventTable).display = not words
        empty.update(Content.assemble((words, "bold"), ("\n\n" + hint, "$quiet")) if words else "")


def lag_text(reading: Reading) -> str:
    if reading.problem:
        return f"! {one_line(reading.problem)}"
    if reading.behind_bytes >= WORTH_SAYING:
        return f"! {_size(reading.behind_bytes)} of the log are still to be read"
    return f"the log is known since {reading.since[:10]}" if reading.since else ""


def _size(count: int) -> str:
    if count < 10_000:
        return f"{grouped(count)} bytes"
    return f"{grouped(count // 1000)} kB" if count < 10_000_000 else f"{grouped(count // 1_000_000)} MB"
