"""The secrets: scopes, list, details, and what can be done with them."""

from __future__ import annotations

import asyncio

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Button, Input

from adapter.client import AsyncClient
from adapter.errors import StatusError
from adapter.model.address import Address
from adapter.model.roles import Role
from adapter.model.wire import SecretPatch, SecretView
from statustui.acts import Acts
from statustui.clock import Clock
from statustui.details import Details
from statustui.dimmed import NARROW_BELOW, offered
from statustui.empty_words import empty_words
from statustui.filter import Filter, in_scope, parse
from statustui.key_rows import KeyRow, as_row
from statustui.message_line import MessageLine
from statustui.over_secret import ASKED, OverSecret
from statustui.problem import TRY_AGAIN
from statustui.rights import UNCLASSIFIED, why_not
from statustui.scope_tree import ALL, OUTSIDE, ScopeTree
from statustui.secret_table import SecretTable
from statustui.secrets_pane import SecretsPane
from statustui.session import Session
from statustui.wording import parse_scope, public_key, reference

WIDE_FROM, TALL_FROM = 150, 32
"""The details are at the right from `WIDE_FROM` columns, below the list from `TALL_FROM` rows, else folded away."""
_ON_ONE = ASKED | frozenset({"update_value", "edit", "move", "adopt", "delete", "versions", "audit", "copy_reference"})


class SecretsScreen(OverSecret[None]):
    HELP_NOTES = (
        ("enter", "Open details; there: what the tab shows, as a screen"),
        ("space", "Fold a scope"),
        ("j k g G", "Down, up, top, bottom"),
        ("click a title", "Sort by that column"),
    )
    SHORT_LABELS = {"Update value": "Update", "Rename": "", "Adopt": "", "Audit": "", "Quit": ""}
    BINDINGS = [
        *offered("n", "new", "New", id="secrets.new", tooltip="Create a secret"),
        *offered("ctrl+o", "import", "Import", id="secrets.import", tooltip="From a file: .env, JSON, PEM", show=False),
        *offered("K", "new_key", "New key", id="secrets.new_key", tooltip="Create an encryption key", show=False),
        *offered("u", "update_value", "Update value", id="secrets.update", tooltip="Store a new version of the value"),
        *offered("e", "edit", "Edit", id="secrets.edit", tooltip="Change the details, not the value"),
        *offered("m", "move", "Rename", id="secrets.move", tooltip="Another name, or for ADMIN another scope"),
        *offered("A", "adopt", "Adopt", id="secrets.adopt", tooltip="Keep what the CLI made as a custom secret"),
        *offered("d", "delete", "Delete", id="secrets.delete", tooltip="Remove for good, all versions"),
        *offered("v", "versions", "Versions", id="secrets.versions", tooltip="History, rollback, destroy"),
        *offered("a", "audit", "Audit", id="secrets.audit", tooltip="Who used and changed it"),
        Binding(
            "c", "copy_reference", "Copy reference", id="secrets.copy", tooltip="Copy secret://scope/name", show=False
        ),
        Binding(
            "slash",
            "filter",
            "Filter",
            id="secrets.filter",
            tooltip="Filter by words, type:, scope:, tag:, expiring:",
            key_display="/",
        ),
        Binding("o", "sort", "Sort", id="secrets.sort", tooltip="Sort by the next column", show=False),
        Binding("O", "turn_round", "Turn order", id="secrets.turn", tooltip="Sort the other way round", show=False),
        Binding("ctrl+r,f5", "refresh", "Refresh", id="secrets.refresh", tooltip="Read the list again", show=False),
        Binding(
            "tab", "next_pane", "Next pane", id="secrets.pane", tooltip="Scopes, filter, list, details", show=False
        ),
        Binding("escape", "to_list", "Back", tooltip="Back to the list"),
        Binding("escape", "back", "Back", id="secrets.back", tooltip="One step back", show=False),
    ]

    class Loaded(Message):
        def __init__(self, secrets: list[SecretView], select: str | None) -> None:
            super().__init__()
            self.secrets = secrets
            self.select = select

    class Adopted(Message):
        def __init__(self, secret: SecretView) -> None:
            super().__init__()
            self.secret = secret

    def __init__(self, client: AsyncClient, session: Session, vault_name: str, clock: Clock) -> None:
        super().__init__(client, session, vault_name, clock)
        self._acts = Acts(self, client, clock, self._done, self.load)
        self._secrets: list[SecretView] | None = None
        self._scope = ALL
        self._filter = Filter()
        self._typing: Timer | None = None
        self._hinted = False
        self._came_from = ""

    def body(self) -> ComposeResult:
        with Horizontal(id="panes"):
            yield ScopeTree()
            with Container(id="main"):
                yield SecretsPane(self._clock)
                yield Details(self._client, self._clock)

    def on_mount(self) -> None:
        self.query_one(SecretsPane).count(0, 0, "")
        self.query_one(SecretTable).focus()
        self.load()

    def renew(self, session: Session) -> None:
        super().renew(session)
        self.query_one("#new").set_class(bool(self.why_not("new")), "-dimmed")
        self.query_one(Details).show(self.current, session)

    # --- loading

    def load(self, select: str | None = None) -> None:
        """Read the list; then the cursor goes to the id `select`, or stays."""
        self.waiting(True)
        self._load(select)

    @work(exclusive=True, group="list")
    async def _load(self, select: str | None) -> None:
        try:
            secrets, keys = await asyncio.gather(self._client.secrets(), self._client.keys())
            self.post_message(self.Loaded([*secrets, *map(as_row, keys)], select))
        except StatusError as error:
            self.post_message(self.Failed(error))

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self.arrived()
        self._secrets = message.secrets
        known = [scope for scope in self._session.roles if parse_scope(scope)]
        self.query_one(ScopeTree).fill([one.scope for one in message.secrets], known)
        self._show(message.select)

    def failed(self, error: StatusError) -> None:
        super().failed(error)
        if self._secrets is None:
            self.query_one(SecretsPane).show_empty("The list could not be read.")
        if self._alone:
            self.say(f"{error.title}. {TRY_AGAIN}")

    # --- what is shown

    def _show(self, select: str | None = None) -> None:
        if self._secrets is None:
            return
        secrets = self._filter.select((one for one in self._secrets if self._in_chosen(one)), self._clock())
        pane = self.query_one(SecretsPane)
        pane.count(len(secrets), len(self._secrets), self._scope)
        pane.show_empty(*self._instead_of(secrets))
        self.query_one(SecretTable).fill(secrets, select=select)

    def _instead_of(self, shown: list[SecretView]) -> tuple[str, str]:
        if shown:
            return "", ""
        return empty_words(filtered=not self._filter.empty, any_secrets=bool(self._secrets), no_new=self.why_not("new"))

    def _in_chosen(self, secret: SecretView) -> bool:
        if self._scope == OUTSIDE:
            return parse_scope(secret.scope) is None
        return self._scope == ALL or in_scope(secret.scope, self._scope)

    def reveal(self, secret_id: str, came_from: str) -> None:
        """Put the cursor on a secret, whatever was filtered; `esc` then leads to the place `came_from`."""
        self._came_from = came_from
        self._scope, self._filter = ALL, Filter()
        with self.prevent(Input.Changed):
            self.query_one("#filter", Input).value = ""
        self.query_one(ScopeTree).choose_all()
        self._show(select=secret_id)
        self.query_one(SecretTable).focus()
        if self._secrets is not None and not any(one.id == secret_id for one in self._secrets):
            self.say(f"{Address.from_id(secret_id).path} is not there any more, or not for you to see.")
        self.refresh_bindings()

    @on(ScopeTree.Chosen)
    def _scope_chosen(self, message: ScopeTree.Chosen) -> None:
        self._scope = message.key
        self._show()

    @on(ScopeTree.Entered)
    def _scope_entered(self) -> None:
        self.query_one(SecretTable).focus()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self._filter = parse(event.value)
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(0.08, self._show)
        if self._filter.problem:
            self.say(self._filter.problem)
        elif self._hinted:
            self.query_one(MessageLine).clear()
        self._hinted = bool(self._filter.problem)

    @on(Input.Submitted, "#filter")
    def _filter_submitted(self) -> None:
        self.query_one(SecretTable).focus()

    @on(SecretTable.Highlighted)
    def _highlighted(self, message: SecretTable.Highlighted) -> None:
        self.query_one(Details).show(message.secret, self._session)
        self.refresh_bindings()

    @on(SecretTable.Opened)
    def _opened(self) -> None:
        self.open_details()

    def open_details(self) -> None:
        self.add_class("-details-open")
        self.query_one(Details).focus()
        self.refresh_bindings()

    @property
    def current(self) -> SecretView | None:
        table = self.query_one(SecretTable)
        return table.current if table.display else None

    # --- folding

    @property
    def _alone(self) -> bool:
        """Whether the details stand in the list's place."""
        return self.has_class("-folded") and self.has_class("-details-open")

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        narrow = width < NARROW_BELOW
        self.set_class(narrow, "-narrow")
        self.set_class(width >= WIDE_FROM, "-wide")
        self.set_class(narrow or (width < WIDE_FROM and height < TALL_FROM), "-folded")
        self.query_one(SecretTable).set_narrow(narrow)
        self.refresh_bindings()  # the footer's labels depend on the width

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.set_class(isinstance(event.widget, ScopeTree), "-scopes-open")
        if not isinstance(event.widget, Details):
            self.remove_class("-details-open")
            self.refresh_bindings()
        if event.widget.id == "new":
            reason = self.why_not("new")
            if reason:
                self.say(reason)

    def action_next_pane(self) -> None:
        """Tab goes round; on a narrow screen it unfolds the scopes on its way."""
        if self.has_class("-narrow") and isinstance(self.focused, SecretTable):
            self.add_class("-scopes-open")
            self.query_one(ScopeTree).focus()
        else:
            self.focus_next()

    def action_to_list(self) -> None:
        self.action_back()

    def action_back(self) -> None:
        """From the details to the list; from the filter, clear it; from anywhere, to the list."""
        line = self.query_one("#filter", Input)
        if self._came_from and not line.value and isinstance(self.focused, SecretTable):
            place, self._came_from = self._came_from, ""
            self.app.call_later(self.app.run_action, f"go('{place}')")
            return
        if line.value and (line.has_focus or isinstance(self.focused, SecretTable) or not self.current):
            line.value = ""
            self._filter = Filter()
            self._show()  # at once: the list takes the focus
        table = self.query_one(SecretTable)
        (table if table.display else line).focus()

    # --- acts

    def why_not(self, action: str) -> str:
        return why_not(action, self._session, self.current)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        filtering = self.query_one("#filter").has_focus
        if action == "to_list":
            return self._alone or filtering or bool(self._came_from)
        if action == "filter" and (self._alone or filtering):
            return False
        if action in _ON_ONE and self.current is None:
            return False
        if action == "copy_public_key" and not (self.current and public_key(self.current)):
            return False
        if action == "adopt" and self.current is not None and UNCLASSIFIED not in self.current.flags:
            return False
        return None if self.why_not(action) else True

    def action_filter(self) -> None:
        self.query_one("#filter").focus()

    def action_sort(self) -> None:
        key = self.query_one(SecretTable).sort_by_next()
        self.say(f"Sorted by {key}.")

    def action_turn_round(self) -> None:
        table = self.query_one(SecretTable)
        table.sort_by(table.sort_key)

    def action_copy_reference(self) -> None:
        if self.current is not None:
            text = self.current.key.id if isinstance(self.current, KeyRow) else reference(self.current)
            self.app.copy_to_clipboard(text)
            self.say(f"{text} was copied.", done=True)

    @on(Button.Pressed, "#new")
    def _new_pressed(self) -> None:
        if self.why_not("new"):
            self.action_explain("new")
        else:
            self.action_new()

    def action_new(self) -> None:
        self._acts.create(scopes=self._writable(), scope=self._preferred(), taken=self._taken(keys=False))

    def action_new_key(self) -> None:
        self._acts.create_key(scopes=self._writable(), scope=self._preferred(), taken=self._taken(keys=True))

    def _writable(self) -> list[str]:
        return self._session.writable(one.scope for one in self._secrets or [] if parse_scope(one.scope))

    def _preferred(self) -> str:
        return self._scope if parse_scope(self._scope) else "environment/production"

    def _taken(self, *, keys: bool) -> set[str]:
        """The addresses in use, of keys or of secrets: one of each kind may have the same."""
        return {f"{one.scope}/{one.name}" for one in self._secrets or [] if isinstance(one, KeyRow) is keys}

    def action_import(self) -> None:
        self._acts.import_secrets(scopes=self._writable(), scope=self._preferred())

    def action_update_value(self) -> None:
        if isinstance(self.current, KeyRow):
            self._acts.rotate_key(self.current)
        elif self.current is not None:
            self._acts.update_value(self.current)

    def action_edit(self) -> None:
        if self.current is not None:
            self._acts.edit(self.current)

    def action_move(self) -> None:
        if (secret := self.current) is not None:
            scopes = self._writable() if self._session.highest is Role.ADMIN else []
            self._acts.move(secret, scopes=scopes, taken=self._taken(keys=False))

    def action_adopt(self) -> None:
        if self.current is not None:
            self.waiting(True)
            self._adopt(self.current)

    @work(exclusive=True, group="adopt")
    async def _adopt(self, secret: SecretView) -> None:
        try:
            saved = await self._client.edit(secret.id, SecretPatch(type="CUSTOM"))
            self.post_message(self.Adopted(saved))
        except StatusError as error:
            self.post_message(self.Failed(error, act=True))

    @on(Adopted)
    def _adopted(self, message: Adopted) -> None:
        self._done(f"{message.secret.name}: kept as a custom secret; e edits it", message.secret.id)

    def action_delete(self) -> None:
        if self.current is not None:
            self._acts.delete(self.current)

    def _done(self, sentence: str, about: str | None) -> None:
        self.say(sentence, done=True)
        self.load(select=about)
