"""The middle of the secrets screen: the filter line, the list, or what to do when it is empty."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from statustui.clock import Clock
from statustui.fields import button
from statustui.filter import EXAMPLE
from statustui.problem import ProblemBox
from statustui.secret_table import SecretTable
from statustui.wording import grouped


class SecretsPane(Vertical):
    def __init__(self, clock: Clock) -> None:
        super().__init__(id="secrets-pane")
        self._clock = clock

    def compose(self) -> ComposeResult:
        with Horizontal(id="filter-row"):
            yield Static("/", id="filter-mark")
            yield Input(id="filter", placeholder=EXAMPLE, compact=True)
            yield button("New secret", "new")
        yield ProblemBox()
        yield SecretTable(self._clock)
        yield Static(id="empty")

    def count(self, shown: int, total: int, place: str) -> None:
        self.border_title = Content(f"Secrets · {place}" if place else "Secrets")
        self.border_subtitle = Content(f"{grouped(shown)} of {grouped(total)}")

    def show_empty(self, words: str, hint: str = "") -> None:
        """Words in the place of the list; none, when there is a list."""
        empty = self.query_one("#empty", Static)
        empty.display = bool(words)
        self.query_one(SecretTable).display = not words
        empty.update(Content.assemble((words, "bold"), ("\n\n" + hint, "$quiet")) if words else "")
