"""The message that a place wants a secret shown in the list."""

from __future__ import annotations

from textual.message import Message


class ShowSecret(Message):
    """Bubbles to the app, which goes to the secrets; from there `esc` leads back."""

    def __init__(self, secret_id: str) -> None:
        super().__init__()
        self.secret_id = secret_id
