"""The audit view: what happened and what happens, newest first, with a filter and the details of one event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.timer import Timer
from textual.widgets import Input

from adapter.client import AsyncClient
from adapter.errors import NotSignedIn
from adapter.model.audit import Event, EventFilter, EventPage
from adapter.model.roles import Role
from statustui import audit_feed
from statustui.audit_feed import Feed
from statustui.audit_filter import AuditFilter, parse
from statustui.audit_pane import AuditPane
from statustui.audit_words import address_of
from statustui.clock import Clock
from statustui.condition import State
from statustui.dimmed import NARROW_BELOW, offered
from statustui.event_details import EventDetails
from statustui.event_pages import EventPages
from statustui.event_table import EventTable
from statustui.expired import SessionEnded
from statustui.export_file import ExportScreen
from statustui.investigate_screen import InvestigateScreen
from statustui.known_values import KnownValues
from statustui.message_line import MessageLine
from statustui.problem import ProblemBox
from statustui.raw_lines import RawLinesScreen
from statustui.reading_screen import ReadingScreen
from statustui.reports_screen import ReportsScreen
from statustui.session import Session, ask_for
from statustui.show_secret import ShowSecret
from statustui.unusual_screen import UnusualScreen
from statustui.wording import plural

TALL_FROM = 32
"""Rows of the terminal from which the details stand below the table, else they take its place."""
_OF_ADMIN = {
    "investigate": "Investigating",
    "actor": "Investigating",
    "unusual": "Seeing what is unusual",
    "lines": "Seeing the vault's own lines",
    "reports": "Making a report",
}
NO_LOOKS = "act:-viewed"
_ABOUT_NONE = "This event is about no secret."


class AuditScreen(ReadingScreen[None]):
    HELP_NOTES = (
        ("enter", "The details of an event"),
        ("tab, right", "In the filter: finish the word"),
        ("j k g G", "Down, up, newest, oldest"),
    )
    SHORT_LABELS = {"Go to secret": "", "Export": "", "Quit": ""}
    BINDINGS = [
        Binding(
            "slash",
            "filter",
            "Filter",
            id="audit.filter",
            tooltip="actor: act: scope: since: and more",
            key_display="/",
        ),
        Binding("h", "looks", "Hide looks", id="audit.looks", tooltip="Leave out who only looked", show=False),
        Binding("f", "follow", "Follow", id="audit.follow", tooltip="Stay at the newest event, or let the list rest"),
        *offered("s", "secret", "Go to secret", id="audit.secret", tooltip="Show the event's secret in the list"),
        *offered("i", "investigate", "Investigate", id="audit.investigate", tooltip="Who could have this value"),
        *offered("I", "actor", "Investigate who", id="audit.actor", tooltip="All that this actor touched", show=False),
        *offered("exclamation_mark", "unusual", "Unusual", id="audit.unusual", tooltip="What the rules marked"),
        *offered("l", "lines", "Raw lines", id="audit.lines", tooltip="What the vault logged of it", show=False),
        *offered("R", "reports", "Reports", id="audit.reports", tooltip="Unused, expiring, due, access, activity"),
        Binding("x", "export", "Export", id="audit.export", tooltip="Write what the filter shows to a file"),
        Binding("ctrl+r,f5", "refresh", "Refresh", id="audit.refresh", tooltip="Read the events again", show=False),
        Binding("tab", "next_pane", "Next pane", id="audit.pane", tooltip="Table, details, filter", show=False),
        Binding("escape", "to_table", "Back", tooltip="Back to the table"),
        Binding("escape", "back", "Back", id="audit.back", tooltip="One step back", show=False),
    ]

    def __init__(
        self, client: AsyncClient, session: Session, vault_name: str, clock: Clock, *, fixed: EventFilter | None = None
    ) -> None:
        super().__init__(client, session, vault_name, clock)
        self._title = "Audit"
        self._fixed = fixed or EventFilter()
        self._filter = AuditFilter()
        self._feed = Feed(client, self._fixed, self.post_message)
        self._pages: EventPages | None = None
        self._everything = 0
        self._known = KnownValues()
        self._live = False
        self._new = 0
        self._about_none = ""
        self._typing: Timer | None = None
        self._hinted = False

    def body(self) -> ComposeResult:
        yield AuditPane(self._clock, self._title, one_secret=self._fixed.secret is not None)
        yield EventDetails()

    def on_mount(self) -> None:
        self.query_one(EventTable).focus()
        self.set_interval(10, self.query_one(EventTable).refresh)  # its times are relative
        self._known.learn("scope", self._session.roles)
        self.load()

    # --- loading

    def load(self) -> None:
        """Start anew: from the newest event, with what happens from now on."""
        wanted = EventFilter.model_validate({**self._filter.terms, **self._fixed.query()})
        self._feed = Feed(self._client, wanted, self.post_message)
        self._pages = None
        self._live, self._new = False, 0
        self.waiting(True)
        self.run_worker(self._feed.follow(), group="live", exclusive=True)

    def _current(self, message: audit_feed.FeedMessage) -> bool:
        return message.feed is self._feed

    @on(audit_feed.Connected)
    def _connected(self, message: audit_feed.Connected) -> None:
        if self._current(message):
            self._live = True
            self._count()
            if self._pages is None:
                self.run_worker(self._feed.first(), group="events", exclusive=True)

    @on(audit_feed.Broken)
    def _broken(self, message: audit_feed.Broken) -> None:
        if not self._current(message):
            return
        self._live = False
        self._count()
        if isinstance(message.error, NotSignedIn):
            self.post_message(SessionEnded(retry=self.load))
        elif self._pages is None:
            self.run_worker(self._feed.first(), group="events", exclusive=True)

    @on(audit_feed.FirstPage)
    def _first_page(self, message: audit_feed.FirstPage) -> None:
        if not self._current(message):
            return
        self.arrived()
        self._pages = EventPages(message.page)
        if self._filter.empty:
            self._everything = message.page.total
        self._read(message.page)
        self._known.see(message.page.events)
        self.query_one(EventTable).open(self._pages)
        self._show_empty()

    @on(audit_feed.NextPage)
    def _next_page(self, message: audit_feed.NextPage) -> None:
        if self._current(message) and self._pages is not None:
            self._pages.add(message.page, message.wanted)
            self._known.see(message.page.events)
            self.query_one(EventTable).loaded({message.wanted.number})
            self.query_one(ProblemBox).clear()
            self._read(message.page)

    @on(audit_feed.Failed)
    def _not_read(self, message: audit_feed.Failed) -> None:
        if not self._current(message):
            return
        self._unread = True
        self.failed(message.error)
        if message.wanted is not None:
            self.query_one(EventTable).unread(message.wanted.number)
        if self._pages is None:
            self.query_one(AuditPane).show_empty("The events could not be read.")

    def condition_changed(self, now: State) -> None:
        """The rows in sight are asked for again, and the cursor stays; the live view comes back by itself."""
        if now is State.OK and self._pages is not None:
            self.query_one(ProblemBox).clear()
            self.query_one(EventTable).loaded(set())
        else:
            super().condition_changed(now)

    @on(audit_feed.Happened)
    def _happened(self, message: audit_feed.Happened) -> None:
        if not self._current(message) or self._pages is None:
            return
        table = self.query_one(EventTable)
        added = self._pages.happened(message.event)
        self._everything += added
        self._known.see([message.event])
        self._new = 0 if table.following else self._new + added
        table.changed(added)
        self._show_empty()
        self._count()
        if self._pages.overgrown and table.following:
            self.load()

    def _read(self, page: EventPage) -> None:
        pane = self.query_one(AuditPane)
        pane.lags(page.reading)
        pane.known.values = self._known.values()
        self._count()

    # --- what is shown

    def _count(self) -> None:
        state = "live" if self._live else "not live"
        if self._live and not self.query_one(EventTable).following:
            state = f"held, {self._new} new" if self._new else "held"
        self.query_one(AuditPane).count(len(self._pages or ()), self._everything, state=state)

    def _show_empty(self) -> None:
        pane = self.query_one(AuditPane)
        if self._pages:
            pane.show_empty("")
        elif self._filter.empty:
            pane.show_empty("Nothing has happened yet.", "Each use and each change will stand here as it happens.")
        else:
            pane.show_empty("Nothing matches.", "esc clears the filter.")

    @on(EventTable.Needed)
    def _needed(self, message: EventTable.Needed) -> None:
        for wanted in message.wanted:
            self.run_worker(self._feed.page(wanted), group="pages")

    @on(EventTable.Followed)
    def _followed(self) -> None:
        self._new = 0
        self._count()

    @on(EventTable.Highlighted)
    def _highlighted(self, message: EventTable.Highlighted) -> None:
        self.query_one(EventDetails).show(message.event, self._clock())
        about_none = self.why_not("secret")
        if about_none != self._about_none:  # the foot is made anew, which is slow beside a cursor that moves
            self._about_none = about_none
            self.refresh_bindings()

    @on(EventTable.Opened)
    def _opened(self) -> None:
        self.add_class("-details-open")
        self.query_one(EventDetails).focus()
        self.refresh_bindings()

    @property
    def current(self) -> Event | None:
        table = self.query_one(EventTable)
        return table.current if table.display else None

    # --- the filter

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        typed = parse(event.value)
        if self._typing is not None:
            self._typing.stop()
        if typed.terms != self._filter.terms:
            self._typing = self.set_timer(0.2, self.load)
        self._filter = typed
        if typed.problem:
            self.say(typed.problem)
        elif self._hinted:
            self.query_one(MessageLine).clear()
        self._hinted = bool(typed.problem)

    @on(Input.Submitted, "#filter")
    def _filter_submitted(self) -> None:
        self.query_one(EventTable).focus()

    # --- folding

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW_BELOW, "-narrow")
        self.set_class(event.size.height < TALL_FROM, "-folded")
        self.refresh_bindings()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if not isinstance(event.widget, EventDetails):
            self.remove_class("-details-open")
        self.refresh_bindings()

    # --- acts

    def why_not(self, action: str) -> str:
        if action in ("secret", "investigate") and (self.current is None or address_of(self.current) is None):
            return _ABOUT_NONE
        if action in _OF_ADMIN and not self._session.holds_anywhere(Role.ADMIN):
            return ask_for(Role.ADMIN, _OF_ADMIN[action])
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        alone = self.has_class("-folded") and self.has_class("-details-open")
        filtering = self.query_one("#filter").has_focus
        if action == "to_table":
            return alone or filtering
        if action == "filter" and (alone or filtering):
            return False
        return None if self.why_not(action) else True

    def action_filter(self) -> None:
        self.query_one("#filter").focus()

    def action_looks(self) -> None:
        """Leave out what only looked, or show it again; the filter line says so, as nothing is left out unseen."""
        line = self.query_one("#filter", Input)
        terms = line.value.split(" ")
        line.value = (
            " ".join(one for one in terms if one != NO_LOOKS) if NO_LOOKS in terms else f"{line.value} {NO_LOOKS}"
        )
        line.value = line.value.strip()

    def action_next_pane(self) -> None:
        self.focus_next()

    def action_follow(self) -> None:
        table = self.query_one(EventTable)
        table.follow(not table.following)
        self._new = 0
        self._count()

    def action_secret(self) -> None:
        if self.current is not None and (address := address_of(self.current)) is not None:
            self.post_message(ShowSecret(address.id))

    def action_investigate(self) -> None:
        if self.current is not None and (address := address_of(self.current)) is not None:
            self._investigate(secret=address.path)

    def action_actor(self) -> None:
        if self.current is not None:
            self._investigate(actor=self.current.actor)

    def _investigate(self, **about: str) -> None:
        screen = InvestigateScreen(self._client, self._session, self._vault_name, self._clock, **about)
        self.app.push_screen(screen)

    def action_lines(self) -> None:
        if (event := self.current) is not None:
            self.app.push_screen(RawLinesScreen(self._client, event, self._session, self._vault_name, self._clock))

    def action_unusual(self) -> None:
        screen = UnusualScreen(self._client, self._session, self._vault_name, self._clock)
        self.app.push_screen(screen, self._show_finding)

    def _show_finding(self, line: str | None) -> None:
        if line is not None:
            self.query_one("#filter", Input).value = line
            self.query_one(EventTable).focus()

    def action_reports(self) -> None:
        self.app.push_screen(ReportsScreen(self._client, self._session, self._vault_name, self._clock))

    def action_export(self) -> None:
        form = ExportScreen(
            self._client,
            "Export events",
            f"{plural(len(self._pages or ()), 'event')}, as the filter has them.",
            name=f"audit-{self._clock().strftime('%Y-%m-%d')}",
            endings=(".jsonl", ".csv"),
            content=self._content,
        )
        self.app.push_screen(form, self._exported)

    def _content(self, ending: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        wanted = EventFilter.model_validate({**self._filter.terms, **self._fixed.query()})
        return self._client.export_events(wanted, "csv" if ending == ".csv" else "jsonl")

    def _exported(self, path: str | None) -> None:
        if path is not None:
            self.say(f"{path}: written, for its owner only", done=True)

    def action_to_table(self) -> None:
        self.action_back()

    def action_back(self) -> None:
        """From the details to the table; from the filter, clear it; from anywhere, to the table."""
        line = self.query_one("#filter", Input)
        table = self.query_one(EventTable)
        if line.value and (line.has_focus or table.has_focus or not table.display):
            line.value = ""
        (table if table.display else line).focus()
