"""The frame of a session's screens: who one is at the top, what happened and what can be done at the foot."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.screen import Screen

from statustui.clock import Clock
from statustui.dimmed import KeyFooter
from statustui.header import HeaderBar
from statustui.message_line import MessageLine
from statustui.session import Session
from statustui.times import left

R = TypeVar("R")

_ENDING = 5 * 60
"""Seconds before the end of a session from which the header says so louder."""


class SessionScreen(Screen[R]):
    HELP_NOTES: ClassVar[tuple[tuple[str, str], ...]] = ()
    SHORT_LABELS: ClassVar[Mapping[str, str]] = {"Quit": ""}

    def __init__(self, session: Session, vault_name: str, clock: Clock) -> None:
        super().__init__()
        self._session = session
        self._vault_name = vault_name
        self._clock = clock

    @abstractmethod
    def body(self) -> ComposeResult:
        """What stands between header and foot."""

    @abstractmethod
    def why_not(self, action: str) -> str:
        """The reason that `action` is dimmed now; empty when it is not."""

    def compose(self) -> ComposeResult:
        yield HeaderBar()
        yield from self.body()
        yield MessageLine()
        yield KeyFooter(short=self.SHORT_LABELS)

    def on_mount(self) -> None:
        header = self.query_one(HeaderBar)
        header.at, header.place = self.app.current_mode, self._vault_name
        self.set_interval(5, self._show_session)
        self.renew(self._session)

    @property
    def session(self) -> Session:
        return self._session

    def renew(self, session: Session) -> None:
        """Go on with a session; the same person's, or another's."""
        self._session = session
        self.query_one(HeaderBar).person = " ".join(filter(None, (session.name, session.highest)))
        self._show_session()
        self.refresh_bindings()

    def _show_session(self) -> None:
        header = self.query_one(HeaderBar)
        until = self._session.expires_at
        header.ending = until is not None and (until - self._clock()).total_seconds() < _ENDING
        header.remaining = left(until, self._clock()) if until else ""

    def waiting(self, waiting: bool) -> None:
        self.query_one(HeaderBar).waiting(waiting)

    def say(self, message: str, *, done: bool = False) -> None:
        self.query_one(MessageLine).say(message, done=done)

    def action_explain(self, action: str) -> None:
        """Say why a dimmed action is dimmed."""
        reason = self.why_not(action)
        if reason:
            self.say(reason)
