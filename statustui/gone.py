"""The message that a secret which a form is about is not there any more."""

from __future__ import annotations

from textual.message import Message


class SecretGone(Message):
    """Bubbles to the app, which has the list read again."""
