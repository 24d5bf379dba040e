"""The scopes at the left, with how many secrets each holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from adapter.model.address import ScopeKind
from statustui.wording import cut_middle, grouped, parse_scope

ALL = ""
OUTSIDE = "outside"
WIDTH = 18
"""Cells of a row: the label, a space, the count."""


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """One line: what it selects (`""` everything, a kind, or a scope), its label, and its count."""

    key: str
    label: str
    count: int
    depth: int = 0
    open: bool | None = None
    """None for a line without others below it."""


def scope_rows(scopes: Iterable[str], known: Iterable[str], closed: frozenset[str] = frozenset()) -> list[ScopeRow]:
    """The lines for secrets in `scopes`, one item a secret; `known` scopes show even when empty."""
    counts = Counter(scopes)
    kinds: dict[str, set[str]] = {}
    outside = 0
    for scope in {*counts, *known}:
        parsed = parse_scope(scope)
        if parsed is None:
            outside += counts[scope]
        else:
            kinds.setdefault(parsed.kind, set()).add(scope)
    rows = [ScopeRow(ALL, "all", counts.total())]
    for kind in ScopeKind:
        members = sorted(kinds.get(kind, ()))
        if kind is ScopeKind.GLOBAL and members:
            rows.append(ScopeRow("global", "global", counts["global"]))
        elif members:
            is_open = kind not in closed
            rows.append(ScopeRow(kind, kind, sum(counts[one] for one in members), open=is_open))
            below = (ScopeRow(one, one.partition("/")[2], counts[one], depth=1) for one in members)
            rows += below if is_open else ()
    if outside:
        rows.append(ScopeRow(OUTSIDE, "outside scopes", outside))
    return rows


class ScopeTree(OptionList):
    """Moving the cursor selects; space, left and right fold."""

    BINDINGS = [
        Binding("space", "fold", "Fold", id="scopes.fold", tooltip="Fold or unfold this kind of scope", show=False),
        Binding("left", "fold(True)", show=False),
        Binding("right", "fold(False)", show=False),
    ]

    class Chosen(Message):
        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Entered(Message):
        """Enter or a click: the person goes on to the list."""

    def __init__(self) -> None:
        super().__init__(id="scopes", markup=False, compact=True)
        self.border_title = "Scopes"
        self._scopes: list[str] = []
        self._known: list[str] = []
        self._folded: frozenset[str] = frozenset()
        self._rows: list[ScopeRow] = []
        self._key = ALL

    def fill(self, scopes: list[str], known: list[str]) -> None:
        self._scopes, self._known = scopes, known
        self._show()

    def choose_all(self) -> None:
        """Let every scope be shown; whoever asks knows, and is not told."""
        self._key = ALL
        if self._rows:
            self._show()

    def _show(self) -> None:
        self._rows = scope_rows(self._scopes, self._known, self._folded)
        keys = [row.key for row in self._rows]
        with self.prevent(OptionList.OptionHighlighted):
            self.clear_options()
            self.add_options([Option(_drawn(row)) for row in self._rows])
            self.highlighted = keys.index(self._key) if self._key in keys else 0
        if self._key not in keys:
            self._choose(0)

    def _choose(self, index: int) -> None:
        key = self._rows[index].key
        if key != self._key:
            self._key = key
            self.post_message(self.Chosen(key))

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_index < len(self._rows):
            self._choose(event.option_index)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Entered())

    def action_fold(self, close: bool | None = None) -> None:
        row = self._rows[self.highlighted or 0]
        if row.open is None or close == (not row.open):
            return
        self._folded = self._folded ^ {row.key}
        self._show()


def _drawn(row: ScopeRow) -> Text:
    mark = "  " if row.open is None else ("▾ " if row.open else "▸ ")
    count = grouped(row.count)
    room = WIDTH - len(count) - 1
    label = cut_middle("  " * row.depth + mark + row.label, room)
    text = Text(label.ljust(room) + " ", no_wrap=True)
    text.append(count, "dim")
    return text
