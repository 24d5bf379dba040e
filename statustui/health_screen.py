"""The health place: the vault's condition for everybody, for ADMINs what the doctor finds and mends."""

from __future__ import annotations

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from adapter.client import AsyncClient
from adapter.errors import NotSignedIn, StatusError
from adapter.model.doctor import CheckView
from adapter.model.roles import Role
from adapter.model.sealing import Verification
from statustui.clock import Clock
from statustui.condition import Condition, State, look
from statustui.confirm import AskScreen
from statustui.dimmed import NARROW_BELOW, offered
from statustui.health_words import LogState, check_row, check_words, log_row, log_words, repairable, summary
from statustui.plain_table import PlainColumn, PlainTable
from statustui.problem import ProblemBox
from statustui.reading_screen import ReadingScreen
from statustui.session import Session, ask_for
from statustui.wording import plural

COLUMNS = (PlainColumn("", 1), PlainColumn("Looked at", share=1), PlainColumn("Found", 14))
TALL_FROM = 32
"""Below as many rows a check's findings take the table's place while they are read."""


class HealthScreen(ReadingScreen[None]):
    HELP_NOTES = (("enter", "What was found, and how to mend it"), ("j k g G", "Down, up, top, bottom"))
    BINDINGS = [
        *offered("R", "repair", "Repair", id="health.repair", tooltip="Mend what the doctor can mend"),
        *offered("L", "verify", "Verify log", id="health.verify", tooltip="Read the audit log against its seals"),
        Binding("ctrl+r,f5", "refresh", "Refresh", id="health.refresh", tooltip="Look again"),
        Binding("escape", "back", "Back", id="health.back", tooltip="Back to the checks"),
    ]

    class Seen(Message):
        def __init__(self, condition: Condition) -> None:
            super().__init__()
            self.condition = condition

    class Looked(Message):
        """`checks` None: not yet looked at. `repaired`: what came of mending, of some of the checks."""

        def __init__(self, checks: list[CheckView] | None, *, repaired: bool = False) -> None:
            super().__init__()
            self.checks, self.repaired = checks, repaired

    class Verified(Message):
        def __init__(self, log: LogState) -> None:
            super().__init__()
            self.log = log

    def __init__(self, client: AsyncClient, session: Session, vault_name: str, clock: Clock) -> None:
        super().__init__(client, session, vault_name, clock)
        self._condition: Condition | None = None
        self._checks: list[CheckView] | None = None
        self._log = LogState()

    def body(self) -> ComposeResult:
        with Vertical(id="health-pane"):
            yield Static(id="health-summary")
            yield ProblemBox()
            yield PlainTable(COLUMNS, id="table")
            yield Static(id="empty")
        with VerticalScroll(id="findings"):
            yield Static(id="finding-words")

    def on_mount(self) -> None:
        self.query_one(PlainTable).focus()
        self._show()
        self.load()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW_BELOW, "-narrow")
        self.set_class(event.size.height < TALL_FROM, "-folded")

    def on_screen_resume(self) -> None:
        self._show_summary()

    # --- asking

    def condition_changed(self, now: State) -> None:
        """Looked at again, whether the vault stopped working or works again; what came of mending stays to be read."""
        if self._unread or not self.query_one(ProblemBox).display:
            self.load()

    def load(self) -> None:
        self.waiting(True)
        self._look()

    @work(exclusive=True, group="health")
    async def _look(self) -> None:
        """The vault's condition first: it is there at once, and says why the rest may not be."""
        try:
            condition = await look(self._client)
            self.post_message(self.Seen(condition))
            working = condition.state is State.OK and not self._refused
            self.post_message(self.Looked(await self._client.doctor() if working else self._checks))
        except StatusError as error:
            self.post_message(self.Failed(error))

    @on(Seen)
    def _seen(self, message: Seen) -> None:
        self._condition = message.condition
        self._show_summary()

    @on(Looked)
    def _looked(self, message: Looked) -> None:
        self.arrived()
        first = self._checks is None
        if message.repaired:
            self._put_in_place(message.checks or [])
        else:
            self._checks = message.checks
        self._show()
        if first:
            self._go_to_first_finding()

    def _go_to_first_finding(self) -> None:
        for row, one in enumerate(self._checks or ()):
            if one.findings or one.problem:
                self.query_one(PlainTable).move_cursor(row=row)
                return

    def _put_in_place(self, repaired: list[CheckView]) -> None:
        """Each check's new findings instead of those from before; what could be mended is counted."""
        by_name = {one.check: one for one in repaired}
        self._checks = [by_name.get(one.check, one) for one in self._checks or ()]
        done = sum(finding.done is not None for one in repaired for finding in one.findings)
        stayed = sum(repairable(repaired).values())
        words = f"{plural(done, 'finding was', 'findings were')} mended"
        self.say(f"{words}; {plural(stayed, 'could', 'could')} not be." if stayed else f"{words}.", done=not stayed)

    def renew(self, session: Session) -> None:
        super().renew(session)
        if self.query("#empty"):
            self._show()

    # --- what is shown

    @property
    def _refused(self) -> str:
        return "" if self._session.holds_anywhere(Role.ADMIN) else ask_for(Role.ADMIN, "The doctor")

    def _show_session(self) -> None:
        super()._show_session()
        if self.query("#health-summary"):
            self._show_summary()

    def _show_summary(self) -> None:
        words = summary(self._condition, self._vault_name, self._session, self._clock())
        self.query_one("#health-summary", Static).update(words)

    def _show(self) -> None:
        self._show_summary()
        table, empty = self.query_one(PlainTable), self.query_one("#empty", Static)
        rows = [] if self._refused else [*map(check_row, self._checks or ()), log_row(self._log)]
        table.fill(rows)
        table.display, empty.display = bool(rows), not rows
        self.query_one("#findings").display = bool(rows)
        empty.update(Content.styled(self._refused, "bold"))
        self._show_findings()

    def _show_findings(self) -> None:
        one = self.current
        words = log_words(self._log) if one is None else check_words(one)
        self.query_one("#finding-words", Static).update(words)
        self.refresh_bindings()

    @property
    def current(self) -> CheckView | None:
        """The check under the cursor; None for the log."""
        at = self.query_one(PlainTable).cursor_row
        checks = self._checks or []
        return checks[at] if 0 <= at < len(checks) else None

    @on(PlainTable.Moved)
    def _moved(self) -> None:
        self.query_one("#findings").scroll_home(animate=False)
        self._show_findings()

    @on(PlainTable.Opened)
    def _opened(self) -> None:
        if self.current is None and self._log == LogState():
            self.action_verify()
            return
        self.add_class("-findings-open")
        self.query_one("#findings").focus()
        self.refresh_bindings()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, PlainTable):
            self.remove_class("-findings-open")
            self.refresh_bindings()

    # --- acts

    def why_not(self, action: str) -> str:
        if action == "verify":
            return self._refused or ("The log is being read." if self._log.running else "")
        if action == "repair":
            nothing = "" if repairable(self._checks or ()) else "Nothing was found that the doctor can mend."
            return self._refused or ("The doctor has not looked yet." if self._checks is None else nothing)
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        if action == "back":
            return bool(self.query("#findings:focus"))
        return None if self.why_not(action) else True

    def action_back(self) -> None:
        self.query_one(PlainTable).focus()

    def action_repair(self) -> None:
        found = repairable(self._checks or ())
        titles = [one.title for one in self._checks or () if one.check in found]
        count = sum(found.values())
        sentence = f"{plural(count, 'finding')} can be mended, with your own rights:\n\n" + "\n".join(titles)
        question = AskScreen("Repair?", sentence, yes=f"Repair {count}", no="Leave")
        self.app.push_screen(question, lambda yes: self._begin_repair(list(found)) if yes else None)

    def _begin_repair(self, names: list[str]) -> None:
        self.waiting(True)
        self._repair(names)

    @work(exclusive=True, group="health")
    async def _repair(self, names: list[str]) -> None:
        try:
            self.post_message(self.Looked(await self._client.repair(names), repaired=True))
        except StatusError as error:
            self.post_message(self.Failed(error, act=True))

    def action_verify(self) -> None:
        self._log = LogState(running=True)
        self._show()
        self.query_one(PlainTable).move_cursor(row=len(self._checks or ()))
        self._verify()

    @work(exclusive=True, group="verify")
    async def _verify(self) -> None:
        try:
            verdict: Verification = await self._client.verify_log()
            self.post_message(self.Verified(LogState(verdict=verdict)))
        except NotSignedIn as error:
            self.post_message(self.Verified(LogState()))
            self.post_message(self.Failed(error))
        except StatusError as error:
            self.post_message(self.Verified(LogState(problem=error)))

    @on(Verified)
    def _verified(self, message: Verified) -> None:
        self._log = message.log
        self._show()
