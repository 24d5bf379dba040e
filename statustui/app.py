"""The terminal UI as a whole: boot, sign in, the places of a session, sign out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import ClassVar

from rich.segment import Segments
from rich.traceback import Traceback
from textual import events, on, work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import CommandPalette
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker

from adapter.errors import NotAllowed, StatusError
from adapter.model.roles import Role
from statustui.backend import Backend, Started
from statustui.boot import BootScreen
from statustui.clock import Clock, system_clock
from statustui.commands import Actions, listed
from statustui.condition import State, is_trouble, look
from statustui.confirm import AskScreen
from statustui.created import CreatedScreen
from statustui.expired import SessionEnded
from statustui.form import FormScreen
from statustui.gone import SecretGone
from statustui.help import HelpScreen, KeyHelp
from statustui.keeping import Keeper
from statustui.place import PLACES, Place, bindings
from statustui.problem import ProblemBox
from statustui.roles_doubted import RolesDoubted
from statustui.secrets_screen import SecretsScreen
from statustui.session import Session
from statustui.session_screen import SessionScreen
from statustui.show_secret import ShowSecret
from statustui.signin import SignInAgain, SignInScreen
from statustui.theme import STATUS, VARIABLES

_START = "start"
"""The mode of boot and sign-in; each place of a session is a mode of its own."""
KEEP_SECONDS = 10.0
"""How often it is seen whether the session must be renewed."""
_LOOK_AGAIN = 10.0
"""Seconds after which the count of what is unusual is asked for again."""
_LOOK_AFTER = 5.0
"""Seconds after which a vault that did not work is looked at again."""
_READ_AGAIN = 60.0
"""Seconds between two times that what failed is read again of a vault that was not seen in trouble."""
_LAST_WORDS = 2.0
"""Seconds that leaving may take for the token's revocation."""


class StatusApp(App[None], inherit_bindings=False):
    CSS_PATH: ClassVar = [
        "base.tcss",
        "signin.tcss",
        "secrets.tcss",
        "forms.tcss",
        "audit.tcss",
        "access.tcss",
        "health.tcss",
    ]
    TITLE = "STATUS Secrets"
    ENABLE_COMMAND_PALETTE = False
    unusual: reactive[int] = reactive(0)
    """Findings of the last day, where the person may see them."""
    trouble: reactive[State] = reactive(State.OK)
    """Not OK while the vault does not work, once that was met with."""
    MODES = {_START: Screen}
    DEFAULT_MODE = _START
    COMMANDS = {Actions}
    BINDINGS = [
        Binding(
            "colon",
            "commands",
            "Commands",
            id="app.commands",
            tooltip="Everything that can be done now",
            key_display=":",
        ),
        Binding("question_mark", "help", "Help", id="app.help", tooltip="The keys of this screen", key_display="?"),
        Binding("ctrl+l", "sign_out", "Sign out", id="app.sign_out", tooltip="End the session", show=False),
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave the program", show=False, key_display="q ^q"),
        *bindings(),
        Binding("ctrl+q", "quit", "Quit", tooltip="Leave the program", priority=True),
        Binding("ctrl+c", "help_quit", show=False),
    ]

    def __init__(self, backend: Backend, *, clock: Clock = system_clock) -> None:
        super().__init__()
        self.register_theme(STATUS)
        self.theme = STATUS.name
        self._backend = backend
        self._clock = clock
        self._started: Started | None = None
        self._session: Session | None = None
        self._keeper = Keeper(clock)
        self._signing_out: Worker[None] | None = None
        self._retries: list[Callable[[], object]] | None = None
        self._looking = False
        self._read_again = -_READ_AGAIN

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLES

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's own: one of them writes pictures of the screen into files."""
        return ()

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Not here: a picture is a file that may hold what is on the screen."""

    def _fatal_error(self) -> None:
        # Textual's own shows local variables, and a value may be among them.
        self.bell()
        trace = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(self.console.render(trace, self.console.options)))
        self._close_messages_no_wait()

    # --- from screen to screen

    def on_mount(self) -> None:
        self.push_screen(BootScreen(self._backend), self._booted)
        self.set_interval(KEEP_SECONDS, self.keep_session)

    def _booted(self, started: Started | None) -> None:
        if started is not None:
            self._started = started
            self._ask_to_sign_in(resume=True)

    def _ask_to_sign_in(self, *, resume: bool = False) -> None:
        assert self._started is not None
        screen = SignInScreen(self._started, shown=self._backend.confirm_shown, before=self._signed_out, resume=resume)
        # From here on that screen alone holds the first run's passwords, and drops them.
        self._started = replace(self._started, accounts=None)
        self.push_screen(screen, self._signed_in)

    def _signed_in(self, session: Session | None) -> None:
        if session is not None and self._started is not None:
            self._session = session
            self._keeper.begin(session)
            for place in PLACES:
                self.add_mode(place.name, partial(self._open, place))
            self.switch_mode(PLACES[0].name)

            self._look_for_unusual()

    @work(exclusive=True, group="live")
    async def _look_for_unusual(self) -> None:
        """Again and again, while the session lasts; what cannot be asked now is asked the next time."""
        while (session := self._session) is not None and session.highest is Role.ADMIN and self._started is not None:
            with suppress(StatusError):
                self.unusual = (await self._started.client.unusual(limit=0)).count
            await asyncio.sleep(_LOOK_AGAIN)
        self.unusual = 0

    @on(ProblemBox.Met)
    def _met(self, message: ProblemBox.Met) -> None:
        if is_trouble(message.error) and not self._looking and self._session is not None:
            self._looking = True
            self._look_for_trouble()

        if isinstance(message.error, NotAllowed):
            self.post_message(RolesDoubted())

    @on(RolesDoubted)
    def _ask_for_roles(self) -> None:
        if self._session is not None:
            self._learn_roles(self._session)

    @work(exclusive=True, group="roles")
    async def _learn_roles(self, session: Session) -> None:
        assert self._started is not None
        with suppress(StatusError):
            roles = Session.of(await self._started.client.me()).roles
            if self._session is session and roles != session.roles:
                self._go_on_with(replace(session, roles=roles))

    @work(group="live")
    async def _look_for_trouble(self) -> None:
        """Until the vault works again, or the session is over."""
        try:
            while self._session is not None and self._started is not None:
                with suppress(StatusError):
                    state = (await look(self._started.client)).state
                    if state is State.OK and self._may_have_been_away():
                        self.trouble = State.UNREACHABLE
                    self.trouble = state
                    if state is State.OK:
                        return
                await asyncio.sleep(_LOOK_AFTER)
        finally:
            self._looking, self.trouble = False, State.OK

    def _may_have_been_away(self) -> bool:
        """Whether what failed should be read again though the vault works by now; never again and again."""
        if self.trouble is not State.OK or monotonic() - self._read_again < _READ_AGAIN:
            return False
        self._read_again = monotonic()
        return True

    def action_unusual(self) -> None:
        """Go to the audit view, and there to what is unusual."""
        self.action_go("audit")
        self.call_later(self._open_unusual)

    async def _open_unusual(self) -> None:
        if isinstance(self.screen, SessionScreen):
            await self.screen.run_action("unusual")

    def _open(self, place: Place) -> SessionScreen[None]:
        assert self._started is not None
        assert self._session is not None
        return place.open(self._started.client, self._session, self._started.vault_name, self._clock)

    def action_go(self, name: str) -> None:
        self.switch_mode(name)

    def _session_screens(self) -> Iterator[SessionScreen[object]]:
        """Those of every place, also of the ones that are not in sight."""
        for stack in self._screen_stacks.values():
            yield from (one for one in stack if isinstance(one, SessionScreen))

    @on(SecretGone)
    def _secret_gone(self) -> None:
        for screen in self._session_screens():
            if isinstance(screen, SecretsScreen):
                screen.load()

    @on(ShowSecret)
    def _show_secret(self, message: ShowSecret) -> None:
        """In the list of secrets, whatever was open there."""
        came_from = self.current_mode
        self.action_go(PLACES[0].name)
        while not isinstance(self.screen, SecretsScreen):
            self.pop_screen()
        self.screen.reveal(message.secret_id, came_from)

    # --- the session

    @on(SessionEnded)
    def _session_ended(self, message: SessionEnded) -> None:
        if self._retries is not None:
            self._retries.append(message.retry)
        elif self._started is not None and self._session is not None:
            self._retries = [message.retry]
            again = SignInAgain(self._started.client, self._session.name, self._started.remembered)
            self.push_screen(again, self._signed_in_again)

    def _signed_in_again(self, session: Session | None) -> None:
        retries, self._retries = self._retries or [], None
        if session is None or self._session is None:
            if self._started is not None:
                self._started.client.forget()
            self._leave_session()
            return
        self._keeper.begin(session)
        self._go_on_with(session)
        for retry in retries:
            self.call_after_refresh(retry)

    def _go_on_with(self, session: Session) -> None:
        self._session = session
        for one in self._session_screens():
            one.renew(session)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste | events.MouseDown | events.MouseScrollDown):
            self._keeper.worked()
        await super().on_event(event)

    def keep_session(self) -> None:
        """Renew the session while the person works."""
        if self._session is not None and self._retries is None and self._keeper.due(self._session):
            self._renew(self._session)

    @work(description="renew", group="renew", exclusive=True)
    async def _renew(self, session: Session) -> None:
        assert self._started is not None
        try:
            renewed = session.renewed(await self._started.client.renew())
        except StatusError as error:
            if error.code == "invalid":
                self._keeper.give_up()
            return  # another time; when the session is over, the next call says so
        if self._session is session:
            self._keeper.renewed(session, renewed)
            self._go_on_with(renewed)

    async def action_sign_out(self) -> None:
        if self._session is not None and self._started is not None:
            self._signing_out = self._sign_out(self._session)
            self._leave_session()

    @work(description="sign out", group="sign-out")
    async def _sign_out(self, session: Session) -> None:
        assert self._started is not None
        if session.remembered and self._started.remembered is not None:
            await self._started.remembered.drop()
        if session.borrowed:
            self._started.client.forget()
            return
        try:
            await self._started.client.logout()
        except StatusError as error:
            self.notify(
                f"{error.detail} The token ends by itself.", title=error.title, severity="warning", markup=False
            )

    async def _signed_out(self) -> None:
        """Returns when no sign-out is under way: its end would take the next session's token with it."""
        if self._signing_out is not None:
            await self._signing_out.wait()
            self._signing_out = None

    def _leave_session(self) -> None:
        """Back to the sign-in, with nothing of the session left in any place."""
        if self._session is not None:
            self._session, self.unusual = None, 0
            self.switch_mode(_START)
            for place in PLACES:
                self.remove_mode(place.name)
        self._ask_to_sign_in()

    # --- everywhere

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("go", "unusual"):
            return self._session is not None
        if action in ("sign_out", "commands", "help"):
            if not (self.is_running and self.screen_stack):
                return False
            typing = isinstance(self.focused, Input)
            if action == "help" and isinstance(self.screen, SignInScreen):
                return not typing
            return self._session is not None and not (typing and action == "commands")
        return True

    def action_commands(self) -> None:
        self.push_screen(CommandPalette(providers=[Actions], placeholder="What do you want to do?"))

    def action_help(self) -> None:
        keys = [
            KeyHelp(key, active.binding.description, active.tooltip, active.enabled)
            for key, active in listed(self, self.screen.active_bindings)
        ]
        notes = self.screen.HELP_NOTES if isinstance(self.screen, SessionScreen) else ()
        self.push_screen(HelpScreen(keys, notes))

    async def action_quit(self) -> None:
        """Leave; what would be lost by that is asked about first."""
        screen = self.screen
        if isinstance(screen, CreatedScreen):
            screen.action_not_yet()
        elif isinstance(screen, FormScreen) and screen.typed():
            screen.action_give_up()
        elif isinstance(screen, SignInScreen) and screen.shows_accounts:
            question = AskScreen("Leave?", "These passwords are not shown again. Leave?", yes="Leave", no="Stay")
            self.push_screen(question, lambda leave: self.exit() if leave else None)
        else:
            await self._revoke_token()
            self.exit()

    async def _revoke_token(self) -> None:
        """What the session was given ends with it; the vault ends it anyway, so nothing here stops the leaving."""
        client = self._started.client if self._started is not None else None
        if client is None or not client.signed_in or self._session is None:
            return
        if self._session.borrowed or self._session.remembered:
            return
        with suppress(StatusError, TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await client.logout()
