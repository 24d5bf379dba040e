"""A session's screen that reads something from the adapter, and says in place when that fails."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from textual import on
from textual.message import Message

from adapter.client import AsyncClient
from adapter.errors import NotSignedIn, StatusError
from statustui.clock import Clock
from statustui.condition import State
from statustui.expired import SessionEnded
from statustui.problem import TRY_AGAIN, ProblemBox
from statustui.roles_doubted import RolesDoubted
from statustui.session import Session
from statustui.session_screen import SessionScreen

R = TypeVar("R")


class ReadingScreen(SessionScreen[R]):
    """It has a `ProblemBox`; its workers post `Failed`. What failed is read again once the vault works again."""

    class Failed(Message):
        """`act`: not reading failed, but something that was done; that is not done again by itself."""

        def __init__(self, error: StatusError, *, act: bool = False) -> None:
            super().__init__()
            self.error, self.act = error, act

    def __init__(self, client: AsyncClient, session: Session, vault_name: str, clock: Clock) -> None:
        super().__init__(session, vault_name, clock)
        self._client = client
        self._unread = False

    def on_mount(self) -> None:
        self.watch(self.app, "trouble", self.condition_changed, init=False)

    @abstractmethod
    def load(self) -> None:
        """Begin to read, anew."""

    def arrived(self) -> None:
        """What was read is there."""
        self._unread = False
        self.waiting(False)
        self.query_one(ProblemBox).clear()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._unread = not message.act
        self.failed(message.error)

    def failed(self, error: StatusError) -> None:
        self.waiting(False)
        if isinstance(error, NotSignedIn):
            self.post_message(SessionEnded(retry=self.load))
        else:
            self.query_one(ProblemBox).show(error, again=TRY_AGAIN)

    def condition_changed(self, now: State) -> None:
        if now is State.OK and self._unread:
            self.load()

    def action_refresh(self) -> None:
        self.app.post_message(RolesDoubted())
        self.load()
