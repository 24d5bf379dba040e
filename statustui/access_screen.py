"""The access place: scopes, grants, components, people and temporary access, side by side; for ADMINs."""

from __future__ import annotations

from typing import Any

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from adapter.client import AsyncClient
from adapter.errors import StatusError
from adapter.model.roles import Role
from statustui.access_components import ComponentsSection
from statustui.access_grants import GrantsSection
from statustui.access_people import PeopleSection
from statustui.access_scopes import ScopesSection
from statustui.access_section import AnySection, Done
from statustui.access_temporary import TemporarySection
from statustui.clock import Clock
from statustui.created import CreatedScreen
from statustui.dimmed import NARROW_BELOW, KeyFooter, offered
from statustui.plain_table import PlainTable
from statustui.problem import ProblemBox
from statustui.reading_screen import ReadingScreen
from statustui.session import EVERYWHERE, Session, ask_for
from statustui.word_row import word
from statustui.wording import grouped, one_line

SECTIONS: tuple[AnySection, ...] = (
    ScopesSection(),
    GrantsSection(),
    ComponentsSection(),
    PeopleSection(),
    TemporarySection(),
)

_LABELS = {"new": "New", "edit": "Settings", "renew": "Renew", "switch": "Disable", "delete": "Remove"}
ACTS = frozenset(_LABELS)


class AccessScreen(ReadingScreen[None]):
    HELP_NOTES = (("j k g G", "Down, up, top, bottom"), ("click a word", "Go to that section"))
    SHORT_LABELS = {"Next section": "Next", "Section before": "", "Quit": ""}
    BINDINGS = [
        *offered("n", "new", "New", id="access.new", tooltip="Add a scope, grant, component or person"),
        *offered("e", "edit", "Settings", id="access.edit", tooltip="A scope's settings"),
        *offered("u", "renew", "Renew", id="access.renew", tooltip="A new secret id, or a new password"),
        *offered("b", "switch", "Disable", id="access.switch", tooltip="Disable somebody, or enable them again"),
        *offered("d", "delete", "Remove", id="access.delete", tooltip="Retire, revoke, remove or take back"),
        Binding(
            "right,tab",
            "step(1)",
            "Next section",
            id="access.next",
            tooltip="Scopes, grants, components, people, temporary access",
            priority=True,
        ),
        Binding(
            "left,shift+tab",
            "step(-1)",
            "Section before",
            id="access.previous",
            tooltip="The section before",
            show=False,
            priority=True,
        ),
        Binding("ctrl+r,f5", "refresh", "Refresh", id="access.refresh", tooltip="Read it again", show=False),
    ]

    class Came(Message):
        def __init__(self, section: AnySection, rows: list[Any]) -> None:
            super().__init__()
            self.section, self.rows = section, rows

    def __init__(self, client: AsyncClient, session: Session, vault_name: str, clock: Clock) -> None:
        super().__init__(client, session, vault_name, clock)
        self._section = SECTIONS[0]
        self._rows: dict[str, list[Any]] = {}

    def body(self) -> ComposeResult:
        with Vertical(id="access-pane"):
            yield Static(id="access-sections")
            yield ProblemBox()
            yield PlainTable(self._section.columns, id="table")
            yield Static(id="empty")
        yield Static(id="access-about")

    def on_mount(self) -> None:
        self.query_one(PlainTable).focus()
        self._show()
        self.load()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW_BELOW, "-narrow")
        self._show_sections()

    # --- reading

    def load(self) -> None:
        if self._refused:
            return
        self.waiting(True)
        self._load(self._section)

    @work(exclusive=True, group="access")
    async def _load(self, section: AnySection) -> None:
        try:
            self.post_message(self.Came(section, await section.read(self._client)))
        except StatusError as error:
            self.post_message(self.Failed(error))

    @on(Came)
    def _came(self, message: Came) -> None:
        self.arrived()
        self._rows[message.section.name] = message.rows
        self._show()

    def renew(self, session: Session) -> None:
        super().renew(session)
        if self.is_mounted and self.query("#empty"):
            self._show()

    # --- what is shown

    @property
    def _refused(self) -> str:
        return "" if self._session.holds_anywhere(Role.ADMIN) else ask_for(Role.ADMIN, "Managing access")

    def _show(self) -> None:
        rows, now = self._rows.get(self._section.name), self._clock()
        table, empty = self.query_one(PlainTable), self.query_one("#empty", Static)
        table.fill([self._section.row(one, now) for one in rows or ()], self._section.columns)
        table.display, empty.display = bool(rows), not rows
        if rows and self.focused is None:
            table.focus()
        words = self._refused or (self._section.empty if rows is not None else "")
        hint = "" if self._refused or "new" not in self._section.offers or rows is None else "\n\nPress n to begin."
        empty.update(Content.assemble((words, "bold"), (hint, "$quiet")))
        self._show_sections()
        self._show_about()

    def _show_sections(self) -> None:
        words = [_word(one, self._section, self._rows.get(one.name)) for one in SECTIONS]
        self.query_one("#access-sections", Static).update(Content("   ").join(words))

    def _show_about(self) -> None:
        one = self.current
        about = self._section.about(one, self._clock()) if one is not None else Content("")
        self.query_one("#access-about", Static).update(Content(one_line(about.plain)))
        labels = {_LABELS[act]: self._section.act_label(act, one) for act in self._section.offers}
        self.query_one(KeyFooter).relabel(labels)
        self.refresh_bindings()

    @property
    def current(self) -> Any | None:
        rows = self._rows.get(self._section.name) or []
        at = self.query_one(PlainTable).cursor_row
        return rows[at] if 0 <= at < len(rows) else None

    @on(PlainTable.Moved)
    def _moved(self) -> None:
        self._show_about()

    # --- acts

    def why_not(self, action: str) -> str:
        return self._refused or self._section.why_not(action, self.current)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        act = str(parameters[0]) if action == "explain" else action
        if act not in ACTS or not self.is_mounted:
            return True
        if act not in self._section.offers:
            return False
        return None if action != "explain" and self.why_not(act) else True

    def action_new(self) -> None:
        self._open("new")

    def action_edit(self) -> None:
        self._open("edit")

    def action_renew(self) -> None:
        self._open("renew")

    def action_switch(self) -> None:
        self._open("switch")

    def action_delete(self) -> None:
        self._open("delete")

    def _open(self, act: str) -> None:
        scopes = sorted(scope for scope in self._session.roles if scope != EVERYWHERE)
        known = [one.scope for one in self._rows.get("scopes", [])]
        self.app.push_screen(self._section.form(act, self._client, self.current, known or scopes), self._done)

    def _done(self, done: Done | None) -> None:
        if done is None:
            return
        self.load()
        if done.shown_once is None:
            self.say(done.sentence, done=True)
            return
        shown = CreatedScreen(done.heading, done.shown_once, words=done.words)
        self.app.push_screen(shown, lambda _: self.say(done.sentence, done=True))

    def action_section(self, name: str) -> None:
        self._go(next(one for one in SECTIONS if one.name == name))

    def action_step(self, by: int) -> None:
        self._go(SECTIONS[(SECTIONS.index(self._section) + by) % len(SECTIONS)])

    def _go(self, section: AnySection) -> None:
        self._section = section
        table = self.query_one(PlainTable)
        table.move_cursor(row=0)
        self._show()
        table.focus()
        self.load()


def _word(one: AnySection, at: AnySection, rows: list[Any] | None) -> Content:
    count = f" {grouped(len(rows))}" if rows is not None else ""
    name = word(one.label, at=one is at, click=f"screen.section('{one.name}')")
    return Content.assemble(name, (count, "$quiet"))
