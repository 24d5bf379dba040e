"""The sign-in itself, wherever it stands: the form, the waiting, the refusal in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import SecretStr
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Button

from adapter.client import AsyncClient
from adapter.errors import NotSignedIn, StatusError
from adapter.model.signing_in import Me
from statustui.header import WaitingLine
from statustui.problem import ProblemBox
from statustui.session import Session
from statustui.signin_form import Credentials, SignInForm


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

    def __init__(
        self,
        client: AsyncClient,
        *,
        person: str = "",
        token: SecretStr | None = None,
        before: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        super().__init__(id="signin-card")
        self._client = client
        self._person = person
        self._token = token
        self._before = before

    def compose(self) -> ComposeResult:
        yield ProblemBox(id="signin-problem")
        yield SignInForm(name=self._person, token_at_hand=self._token is not None)
        yield WaitingLine()

    @on(SignInForm.Submitted)
    def _submitted(self, message: SignInForm.Submitted) -> None:
        message.stop()
        self._try(message.credentials)

    @on(Button.Pressed, "#use-token")
    def _use_token(self, event: Button.Pressed) -> None:
        event.stop()
        if self._token is not None:
            self._try(Credentials("", self._token))

    def _try(self, credentials: Credentials) -> None:
        self.query_one(WaitingLine).waiting = True
        self.query_one(ProblemBox).clear()
        self._sign_in(credentials)

    @work(exclusive=True, description="sign in")
    async def _sign_in(self, credentials: Credentials) -> None:
        try:
            await self._before()
            self.post_message(self.Done(await _session(self._client, credentials)))
        except StatusError as error:
            self.post_message(self.Refused(error, credentials))

    @on(Done)
    def _done(self) -> None:
        self.query_one(WaitingLine).waiting = False
        self.query_one(SignInForm).wipe()
        self._token = None

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        message.stop()
        self.query_one(WaitingLine).waiting = False
        self.query_one(ProblemBox).show(message.error)
        self.query_one(SignInForm).refused()
        if isinstance(message.error, NotSignedIn) and message.credentials.secret is self._token:
            self._token = None
            self.query_one(SignInForm).without_token_at_hand()


async def _session(client: AsyncClient, credentials: Credentials) -> Session:
    """The session of who signed in; the token stays in the client. Raises StatusError."""
    if credentials.name:
        answer = await client.login(credentials.name, credentials.secret)
    else:
        answer = await client.login_with_token(credentials.secret)
    me = Me(name=answer.name, expires_at=answer.expires_at, roles=answer.roles)
    return Session.of(me, borrowed=not credentials.name)
