"""The details of one secret: tabs of what is known about it, beside the list or in its place."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from adapter.client import AsyncClient
from adapter.model.wire import SecretView
from statustui.access_tab import AccessTab
from statustui.audit_tab import AuditTab
from statustui.clock import Clock
from statustui.detail_tab import DetailTab
from statustui.overview_tab import OverviewTab
from statustui.session import Session
from statustui.versions_tab import VersionsTab
from statustui.word_row import word
from statustui.wording import one_line

_DRAWN_EVERY = 10.0
"""Seconds: its times are relative."""


class Details(VerticalScroll, can_focus=True):
    """The chosen tab stays chosen when another secret is shown; it alone reads, and only while it is in sight."""

    BINDINGS = [
        Binding("right", "screen.next_tab(1)", show=False),
        Binding("left", "screen.next_tab(-1)", show=False),
        Binding("enter", "open", show=False),
    ]

    def __init__(self, client: AsyncClient, clock: Clock) -> None:
        super().__init__(id="details")
        kinds = (OverviewTab, VersionsTab, AuditTab, AccessTab)
        self._tabs: list[DetailTab] = [kind(client, clock) for kind in kinds]
        self._tab = self._tabs[0]
        self._secret: SecretView | None = None
        self._shown = False

    def compose(self) -> ComposeResult:
        yield Static(id="details-tabs")
        yield from self._tabs

    def on_mount(self) -> None:
        self.set_interval(_DRAWN_EVERY, lambda: self._tab.draw())
        self._choose(self._tab)

    def show(self, secret: SecretView | None, session: Session) -> None:
        self.border_title = Content(one_line(secret.name)) if secret else Content("Details")
        if secret is not None and (self._secret is None or self._secret.id != secret.id):
            self.scroll_home(animate=False)
        self._secret = secret
        for one in self._tabs:
            one.about(secret, session)

    def step(self, by: int) -> None:
        self._choose(self._tabs[(self._tabs.index(self._tab) + by) % len(self._tabs)])

    async def action_open(self) -> None:
        """The screen that has more of what the tab shows, and acts on it."""
        if self._secret is not None and self._tab.act and not self._tab.refused:
            await self.screen.run_action(self._tab.act)

    def choose(self, label: str) -> None:
        self._choose(next(one for one in self._tabs if one.label == label))

    def _choose(self, tab: DetailTab) -> None:
        self._tab = tab
        words = [word(one.label, at=one is tab, click=f"screen.tab('{one.label}')") for one in self._tabs]
        self.query_one("#details-tabs", Static).update(
            Content.assemble(Content("  ").join(words), ("   < >", "$faint"))
        )
        self.scroll_home(animate=False)
        self._look()

    def on_show(self) -> None:
        self._shown = True
        self._look()

    def on_hide(self) -> None:
        self._shown = False
        self._look()

    def _look(self) -> None:
        for one in self._tabs:
            one.display = one is self._tab
            one.look(self._shown and one is self._tab)
