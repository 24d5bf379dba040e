"""The message that a session ended while something was being done."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message


class SessionEnded(Message):
    """Bubbles to the app, which asks to sign in again; `retry` is what was being done."""

    def __init__(self, retry: Callable[[], object]) -> None:
        super().__init__()
        self.retry = retry
