"""What the forms about one secret add: when somebody was faster, they learn what is there now and can be saved anew."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

from textual import on, work
from textual.message import Message

from adapter.client import AsyncClient
from adapter.errors import Conflict, StatusError
from adapter.model.wire import SecretView
from statustui.form import FormScreen

R = TypeVar("R")


class SecretForm(FormScreen[R]):
    """The message of the conflict stays, and so does what was typed; the next save is made knowingly."""

    class Reread(Message):
        def __init__(self, secret: SecretView) -> None:
            super().__init__()
            self.secret = secret

    def __init__(self, client: AsyncClient, secret: SecretView, heading: str, words: str) -> None:
        super().__init__(client, heading, words)
        self._secret = secret

    def learn(self, secret: SecretView) -> None:
        """Told of the secret as it is now."""
        self._secret = secret

    def refused(self, error: StatusError) -> None:
        if isinstance(error, Conflict):
            self._reread()

    @work(exclusive=True, group="reread", description="the secret as it is now")
    async def _reread(self) -> None:
        with suppress(StatusError):  # the next try is refused again, and reads again
            self.post_message(self.Reread(await self._client.secret(self._secret.id)))

    @on(Reread)
    def _reread_done(self, message: Reread) -> None:
        self.learn(message.secret)
