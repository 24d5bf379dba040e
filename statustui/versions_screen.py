"""The versions of one secret, and what can be done with them."""

from __future__ import annotations

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from adapter.client import AsyncClient
from adapter.errors import StatusError
from adapter.model.comparing import Comparison
from adapter.model.wire import SecretView, VersionView
from statustui.clock import Clock
from statustui.compared import ComparedScreen
from statustui.dimmed import NARROW_BELOW, offered
from statustui.problem import ProblemBox
from statustui.reading_screen import ReadingScreen
from statustui.roll_back import RollBackScreen
from statustui.session import Session
from statustui.version_lines import VersionLines
from statustui.version_rights import why_not
from statustui.version_state import DeleteVersionScreen, DestroyVersionScreen, UndeleteVersionScreen
from statustui.version_table import VersionTable
from statustui.wording import cut_middle, one_line, plural

_LONGEST_NAME = 40


class VersionsScreen(ReadingScreen[bool]):
    """Dismisses with whether anything was changed."""

    HELP_NOTES = (("j k g G", "Down, up, top, bottom"), ("tab", "The lines about one version"))
    SHORT_LABELS = {"Commands": "", "Quit": ""}
    BINDINGS = [
        *offered("r", "roll_back", "Roll back", id="versions.roll_back", tooltip="Copy this version into a new one"),
        *offered(
            "c", "compare", "Compare", id="versions.compare", tooltip="Which fields differ from the current version"
        ),
        *offered("d", "delete", "Delete", id="versions.delete", tooltip="Delete this version; it can be undeleted"),
        *offered("U", "undelete", "Undelete", id="versions.undelete", tooltip="Bring a deleted version back"),
        *offered("x", "destroy", "Destroy", id="versions.destroy", tooltip="Destroy this version's value for good"),
        Binding("ctrl+r,f5", "refresh", "Refresh", id="versions.refresh", tooltip="Read them again", show=False),
        Binding("escape", "back", "Back", id="versions.back", tooltip="Back to the list"),
    ]

    class Loaded(Message):
        def __init__(self, versions: list[VersionView], select: int | None) -> None:
            super().__init__()
            self.versions = versions
            self.select = select

    class Compared(Message):
        def __init__(self, found: Comparison) -> None:
            super().__init__()
            self.found = found

    def __init__(
        self, client: AsyncClient, secret: SecretView, session: Session, vault_name: str, clock: Clock
    ) -> None:
        super().__init__(client, session, vault_name, clock)
        self._secret = secret
        self._newest = secret.version
        self._changed = False

    def body(self) -> ComposeResult:
        with Vertical(id="versions-pane") as pane:
            name = cut_middle(one_line(self._secret.name), _LONGEST_NAME)
            pane.border_title = Content(f"{name} · versions")
            yield ProblemBox()
            yield VersionTable()
        yield VersionLines()

    def on_mount(self) -> None:
        self.query_one(VersionTable).focus()
        self.load()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW_BELOW, "-narrow")

    # --- loading

    def load(self, select: int | None = None) -> None:
        """Read the versions; then the cursor goes to the number `select`, or stays."""
        self.waiting(True)
        self._load(select)

    @work(exclusive=True, group="versions")
    async def _load(self, select: int | None) -> None:
        try:
            self.post_message(self.Loaded(await self._client.versions(self._secret.id), select))
        except StatusError as error:
            self.post_message(self.Failed(error))

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self.arrived()
        self._newest = max((one.version for one in message.versions), default=0)
        self.query_one("#versions-pane").border_subtitle = Content(plural(len(message.versions), "version"))
        self.query_one(VersionTable).fill(message.versions, select=message.select)

    @on(VersionTable.Highlighted)
    def _highlighted(self, message: VersionTable.Highlighted) -> None:
        self.query_one(VersionLines).show(message.version, self._clock())
        self.refresh_bindings()

    # --- acts

    @property
    def current(self) -> VersionView | None:
        """The one under the cursor."""
        return self.query_one(VersionTable).current

    def why_not(self, action: str) -> str:
        return why_not(action, self._session, self._secret, self.current, self._newest)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        return None if self.why_not(action) else True

    def action_back(self) -> None:
        self.dismiss(self._changed)

    def action_roll_back(self) -> None:
        if (source := self.current) is None:
            return

        def rolled_back(made: VersionView | None) -> None:
            if made is not None:
                self._done(f"version {made.version} created, a copy of version {source.version}", made.version)
            else:
                self.load()  # somebody may have been faster

        self.app.push_screen(RollBackScreen(self._client, self._secret, source.version, self._newest), rolled_back)

    def action_compare(self) -> None:
        if (version := self.current) is not None:
            self.waiting(True)
            self._compare(version.version, self._newest)

    @work(exclusive=True, group="compare")
    async def _compare(self, source: int, to: int) -> None:
        try:
            self.post_message(self.Compared(await self._client.compare(self._secret.id, source, to)))
        except StatusError as error:
            self.post_message(self.Failed(error, act=True))

    @on(Compared)
    def _compared(self, message: Compared) -> None:
        self.arrived()
        self.app.push_screen(ComparedScreen(self._secret.name, message.found))

    def action_delete(self) -> None:
        if (version := self.current) is not None:
            newest = version.version == self._newest
            form = DeleteVersionScreen(self._client, self._secret, version.version, newest=newest)
            self.app.push_screen(form, lambda gone: self._changed_state(gone, "deleted; U undeletes it"))

    def action_undelete(self) -> None:
        if (version := self.current) is not None:
            form = UndeleteVersionScreen(self._client, self._secret, version.version)
            self.app.push_screen(form, lambda back: self._changed_state(back, "undeleted"))

    def action_destroy(self) -> None:
        if (version := self.current) is not None:
            newest = version.version == self._newest
            form = DestroyVersionScreen(self._client, self._secret, version.version, newest=newest)
            self.app.push_screen(form, lambda gone: self._changed_state(gone, "destroyed"))

    def _changed_state(self, version: VersionView | None, what: str) -> None:
        if version is not None:
            self._done(f"version {version.version} {what}", version.version)

    def _done(self, what: str, number: int) -> None:
        self._changed = True
        self.say(f"{self._secret.name}: {what}", done=True)
        self.load(select=number)
