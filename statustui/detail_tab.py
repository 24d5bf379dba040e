"""What a tab of the details is: about one secret, and read only while it is in sight."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from rich.console import RenderableType
from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from adapter.client import AsyncClient
from adapter.errors import NotSignedIn, StatusError
from adapter.model.wire import SecretView
from statustui.clock import Clock
from statustui.condition import State
from statustui.expired import SessionEnded
from statustui.problem import TRY_AGAIN, ProblemBox
from statustui.rights import why_not
from statustui.session import Session
from statustui.wording import CROSS, one_line

A = TypeVar("A")
_PAUSE = 0.15
"""Seconds that the cursor rests on a secret before its tab is read: a key that is held down asks for nothing."""


class DetailTab(Static):
    """`act`: what opens the same as a screen of its own; who may not do that is told so here."""

    label: ClassVar[str]
    act: ClassVar[str] = ""

    def __init__(self, client: AsyncClient, clock: Clock) -> None:
        super().__init__(classes="details-lines")
        self._client = client
        self._clock = clock
        self._secret: SecretView | None = None
        self._session: Session | None = None
        self._looked_at = False

    @abstractmethod
    def drawn(self, secret: SecretView) -> RenderableType | Content:
        """What it says now."""

    def about(self, secret: SecretView | None, session: Session) -> None:
        """From now on it is about `secret`, as it is now."""
        self._secret, self._session = secret, session
        self.draw()

    def look(self, looked_at: bool) -> None:
        """Whether it is in sight."""
        self._looked_at = looked_at
        if looked_at:
            self.draw()

    def on_resize(self) -> None:
        self.draw()

    @property
    def refused(self) -> str:
        """Why there is nothing for this person here; empty otherwise."""
        return why_not(self.act, self._session, self._secret) if self._session is not None else ""

    def draw(self) -> None:
        if not self._looked_at:
            return
        if self._secret is None:
            self.update(Content.styled("Choose a secret to see its details.", "$quiet"))
        else:
            self.update(Content.styled(self.refused, "$quiet") if self.refused else self.drawn(self._secret))


class ReadTab(DetailTab, Generic[A]):
    """`answer`: what was read of the secret; None until it is there."""

    class Came(Message):
        def __init__(self, secret: SecretView, answer: object) -> None:
            super().__init__()
            self.secret, self.answer = secret, answer

    class Failed(Message):
        def __init__(self, secret: SecretView, error: StatusError) -> None:
            super().__init__()
            self.secret, self.error = secret, error

    def __init__(self, client: AsyncClient, clock: Clock) -> None:
        super().__init__(client, clock)
        self.answer: A | None = None
        self._fresh = False
        self._problem: StatusError | None = None
        self._pause: Timer | None = None

    def on_mount(self) -> None:
        self.watch(self.app, "trouble", self._condition_changed, init=False)

    def _condition_changed(self, now: State) -> None:
        if now is State.OK and self._problem is not None:
            self._fresh = False
            self._read_soon()

    async def ask(self, secret: SecretView) -> A:
        """Ask the adapter. Raises StatusError."""
        raise NotImplementedError

    @abstractmethod
    def told(self, answer: A) -> RenderableType | Content: ...

    def about(self, secret: SecretView | None, session: Session) -> None:
        """Another secret, or the same one read anew: what was read of it before is read again."""
        before = self._secret
        super().about(secret, session)
        if secret is before:
            return
        if secret is None or before is None or secret.id != before.id:
            self.answer = None
        self.forget()
        self.draw()
        self._read_soon()

    def forget(self) -> None:
        """What was read is not true any more, though it may stand until the new answer comes."""
        self._fresh, self._problem = False, None
        self.workers.cancel_node(self)

    def look(self, looked_at: bool) -> None:
        super().look(looked_at)
        self._read_soon()

    def _read_soon(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        if self._looked_at and self._secret is not None and not self._fresh and not self.refused:
            self._pause = self.set_timer(_PAUSE, self.read)

    def read(self) -> None:
        if self._secret is not None:
            self._fresh = True
            self._ask(self._secret)

    @work(exclusive=True, group="tab")
    async def _ask(self, secret: SecretView) -> None:
        try:
            self.post_message(self.Came(secret, await self.ask(secret)))
        except StatusError as error:
            self.post_message(self.Failed(secret, error))

    @on(Came)
    def _came(self, message: Came) -> None:
        message.stop()
        if message.secret is self._secret:
            answer: A = message.answer  # type: ignore[assignment]
            self.answer, self._problem = answer, None
            self.draw()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        message.stop()
        if message.secret is self._secret:
            self.fail(message.error)

    def fail(self, error: StatusError) -> None:
        if isinstance(error, NotSignedIn):
            self.post_message(SessionEnded(retry=self.read))
            return
        self._problem = error
        self.app.post_message(ProblemBox.Met(error))
        self.draw()

    def drawn(self, secret: SecretView) -> RenderableType | Content:
        if self._problem is not None:
            title = Content.styled(f"{CROSS} {one_line(self._problem.title)}", "bold $error")
            return Content.assemble(title, f"\n{one_line(self._problem.detail)}", (f"\n{TRY_AGAIN}", "$quiet"))
        return self.told(self.answer) if self.answer is not None else Content.styled("…", "$faint")
