"""The sign-in itself, wherever it stands: the form, the waiting, the refusal in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from pydantic import SecretStr
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Button
from textual.worker import Worker

from adapter.client import AsyncClient
from adapter.errors import NotSignedIn, StatusError
from statustui.browser_wait import BrowserWait
from statustui.header import WaitingLine
from statustui.problem import ProblemBox
from statustui.remembered import Remembered
from statustui.session import Session
from statustui.signin_form import Credentials, SignInForm
from statustui.signing_in import sign_in
from statustui.ways import BY_TOKEN, Way, ways

ENDED = "The session that was remembered has ended."


async def at_once() -> None:
    """Nothing to wait for."""


class SignInCard(Vertical):
    """Posts `Done` with the session. `before` is awaited before each try."""

    class Done(Message):
        def __init__(self, session: Session) -> None:
            super().__init__()
            self.session = session

    class Refused(Message):
        def __init__(self, error: StatusError, credentials: Credentials) -> None:
            super().__init__()
            self.error = error
            self.credentials = credentials

    class Known(Message):
        """What the server offers, and whether there is a keyring."""

        def __init__(self, offered: list[Way], why_not: str | None) -> None:
            super().__init__()
            self.offered = offered
            self.why_not = why_not

    class GoTo(Message):
        def __init__(self, url: str) -> None:
            super().__init__()
            self.url = url

    def __init__(
        self,
        client: AsyncClient,
        *,
        person: str = "",
        token: SecretStr | None = None,
        remembered: Remembered | None = None,
        resume: bool = False,
        before: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        super().__init__(id="signin-card")
        self._client = client
        self._person = person
        self._token = token
        self._remembered = remembered
        self._resume = resume
        self._before = before
        self._resumed: Credentials | None = None
        self._trying: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        yield ProblemBox(id="signin-problem")
        yield SignInForm(name=self._person, token_at_hand=self._token is not None)
        yield BrowserWait()
        yield WaitingLine()

    def on_mount(self) -> None:
        self._ask_around()

    @work(description="ways to sign in", group="ways")
    async def _ask_around(self) -> None:
        why_not = await self._remembered.why_not() if self._remembered is not None else None
        try:
            offered = ways(await self._client.auth_methods())
        except StatusError:
            offered = ways(())
        self.post_message(self.Known(offered, why_not))
        if self._resume and self._remembered is not None and (token := await self._remembered.get()) is not None:
            self._resumed = Credentials(BY_TOKEN, "", token, remember=True)
            self.post_message(SignInForm.Submitted(self._resumed))

    @on(Known)
    def _known(self, message: Known) -> None:
        message.stop()
        form = self.query_one(SignInForm)
        form.offer(message.offered)
        if message.why_not is not None:
            form.can_remember(message.why_not)

    @on(SignInForm.Submitted)
    def _submitted(self, message: SignInForm.Submitted) -> None:
        message.stop()
        self._try(message.credentials)

    @on(Button.Pressed, "#use-token")
    def _use_token(self, event: Button.Pressed) -> None:
        event.stop()
        if self._token is not None:
            self._try(Credentials(BY_TOKEN, "", self._token))

    def _try(self, credentials: Credentials) -> None:
        self._wait(True)
        self.query_one(ProblemBox).clear()
        self._trying = self._sign_in(credentials)

    def _wait(self, waiting: bool) -> None:
        self.query_one(WaitingLine).waiting = waiting
        self.query_one(BrowserWait).display = False
        self.query_one(SignInForm).display = True

    @work(exclusive=True, description="sign in")
    async def _sign_in(self, credentials: Credentials) -> None:
        try:
            await self._before()
            session, token = await sign_in(self._client, credentials, lambda url: self._go_to(url))
        except StatusError as error:
            self.post_message(self.Refused(error, credentials))
            return
        if credentials.remember and self._remembered is not None:
            session = replace(session, borrowed=False, remembered=await self._remembered.put(token))
        self.post_message(self.Done(session))

    def _go_to(self, url: str) -> None:
        self.post_message(self.GoTo(url))

    @on(GoTo)
    def _show_address(self, message: GoTo) -> None:
        message.stop()
        self.query_one(SignInForm).display = False
        self.query_one(BrowserWait).show(message.url)

    @on(BrowserWait.GivenUp)
    def _given_up(self, message: BrowserWait.GivenUp) -> None:
        message.stop()
        if self._trying is not None:
            self._trying.cancel()
        self._wait(False)
        self.query_one(SignInForm).focus_first_empty()

    @on(Done)
    def _done(self) -> None:
        self._wait(False)
        self.query_one(SignInForm).wipe()
        self._token = None

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        message.stop()
        self._wait(False)
        form, problem, error = self.query_one(SignInForm), self.query_one(ProblemBox), message.error
        if message.credentials is self._resumed and isinstance(error, NotSignedIn):
            problem.say(ENDED, hint="Sign in again.")
            self._forget()
        else:
            problem.show(error)
        form.refused()
        if isinstance(error, NotSignedIn) and message.credentials.secret is self._token:
            self._token = None
            form.without_token_at_hand()

    @work(description="forget", group="forget")
    async def _forget(self) -> None:
        if self._remembered is not None:
            await self._remembered.drop()
