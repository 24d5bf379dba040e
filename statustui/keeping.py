"""When a session is renewed: while the person works, as long as that gains anything."""

from __future__ import annotations

from datetime import datetime, timedelta

from statustui.clock import Clock
from statustui.session import Session

IDLE = timedelta(minutes=5)
"""Who has not touched a key for so long is not working."""

GAIN = timedelta(seconds=5)
"""A renewal that gains less has come to the token's longest life."""


class Keeper:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._worked_at: datetime | None = None
        self._length: timedelta | None = None

    def begin(self, session: Session) -> None:
        """A session has begun, or goes on anew."""
        self._length = session.expires_at - self._clock() if session.expires_at is not None else None
        self.worked()

    def worked(self) -> None:
        self._worked_at = self._clock()

    def due(self, session: Session) -> bool:
        """Less than a third of the session is left, and the person works."""
        now = self._clock()
        if session.expires_at is None or self._length is None or self._worked_at is None:
            return False
        left = session.expires_at - now
        return timedelta(0) < left < self._length / 3 and now - self._worked_at < IDLE

    def renewed(self, before: Session, after: Session) -> None:
        """Goes on with the new end; one that gained nothing was the last."""
        gained = before.expires_at is None or after.expires_at is None or after.expires_at - before.expires_at > GAIN
        if gained:
            self._length = after.expires_at - self._clock() if after.expires_at is not None else None
        else:
            self.give_up()

    def give_up(self) -> None:
        """This token cannot be renewed."""
        self._length = None
