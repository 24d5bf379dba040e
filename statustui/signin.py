"""Signing in: the screen before everything else, and the dialog when a session ends meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Static

from adapter.client import AsyncClient
from adapter.errors import StatusError
from statustui.backend import Started
from statustui.clipboard import copy_secret
from statustui.first_run import FirstRun
from statustui.message_line import MessageLine
from statustui.problem import ProblemBox
from statustui.remembered import Remembered
from statustui.session import Session
from statustui.signin_card import SignInCard
from statustui.signin_form import SignInForm
from statustui.typing_order import TAB_IN_ORDER
from statustui.wordmark import wordmark


class SignInScreen(Screen[Session]):
    """Dismisses with the session.

    The accounts in `started` are shown here, and nowhere after; `shown` is told when they can be read. `before` is
    awaited before each try. `resume`: go on with a session that the keyring remembers.
    """

    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]
    BINDINGS = [*TAB_IN_ORDER, Binding("escape", "clear", "Clear", show=False)]

    def __init__(
        self,
        started: Started,
        *,
        shown: Callable[[], None],
        before: Callable[[], Awaitable[None]],
        resume: bool = False,
    ) -> None:
        super().__init__()
        self._started: Started | None = started
        self._resume = resume
        self._shown = shown
        self._before = before

    def compose(self) -> ComposeResult:
        started, self._started = self._started, None
        assert started is not None
        with VerticalScroll(classes="stage", can_focus=False):
            yield Static(wordmark(started.vault_name), id="wordmark")
            if started.accounts:
                yield FirstRun(started.accounts)
            card = SignInCard(
                started.client,
                token=started.token,
                remembered=started.remembered,
                resume=self._resume and not started.accounts,
                before=self._before,
            )
            card.border_title = "Sign in"
            yield card
            if started.passwords_lost and not started.accounts:
                yield Static(Content(started.passwords_lost), id="passwords-lost")
        yield MessageLine()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        accounts = self.query(FirstRun)
        self.set_class(bool(accounts), "-accounts")
        if accounts:
            accounts.first().query(".account").first().focus()
            self.call_after_refresh(self._confirm_shown)
        else:
            self.query_one(SignInForm).focus_first_empty()

    def _confirm_shown(self) -> None:
        try:
            self._shown()
        except StatusError as error:
            self.query_one(ProblemBox).show(error)

    @on(SignInCard.Done)
    def _signed_in(self, message: SignInCard.Done) -> None:
        self._forget_accounts()
        self.dismiss(message.session)

    @on(FirstRun.Use)
    def _fill(self, message: FirstRun.Use) -> None:
        self.query_one(SignInForm).fill(message.name, message.password)

    @on(FirstRun.Copy)
    def _copy(self, message: FirstRun.Copy) -> None:
        copy_secret(self.app, message.text)
        self.query_one(MessageLine).say(message.said, done=True)

    @on(FirstRun.Kept)
    def _kept(self) -> None:
        self._forget_accounts()
        self.query_one(SignInForm).focus_first_empty()

    @property
    def shows_accounts(self) -> bool:
        """Whether leaving now would lose the first run's passwords."""
        return bool(self.query(FirstRun))

    def _forget_accounts(self) -> None:
        self.remove_class("-accounts")
        self.query(FirstRun).remove()

    def action_clear(self) -> None:
        self.query_one(ProblemBox).clear()


class SignInAgain(ModalScreen[Session | None]):
    """Over whatever is open, which stays as it is. Dismisses with the new session, or None."""

    BINDINGS = [
        *TAB_IN_ORDER,
        Binding("escape", "give_up", "Sign out", id="again.sign_out", tooltip="Leave this session"),
    ]

    def __init__(self, client: AsyncClient, person: str, remembered: Remembered | None = None) -> None:
        super().__init__()
        self._client = client
        self._person = person
        self._remembered = remembered

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Your session has ended"
            yield Static(Content("Sign in again to go on. Nothing that you typed is lost."), classes="dialog-words")
            yield SignInCard(self._client, person=self._person, remembered=self._remembered)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(SignInForm).focus_first_empty()

    @on(SignInCard.Done)
    def _signed_in(self, message: SignInCard.Done) -> None:
        self.dismiss(message.session)

    def action_give_up(self) -> None:
        self.dismiss(None)
