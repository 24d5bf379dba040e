"""Roll back: a new version that copies an earlier one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message

from adapter.client import AsyncClient
from adapter.errors import Conflict, StatusError
from adapter.model.records import check_reason
from adapter.model.wire import Rollback, SecretView, VersionView
from statustui.fields import change_reason_field
from statustui.form import FormScreen, problem_of


class RollBackScreen(FormScreen[VersionView]):
    """`newest` is the version that the person saw as the current one; the copy comes on top of it, or not at all.

    When somebody was faster, the form says so, learns what is newest now, and can be saved anew.
    """

    SAVE_LABEL = "Roll back"

    class Newer(Message):
        def __init__(self, newest: int) -> None:
            super().__init__()
            self.newest = newest

    def __init__(self, client: AsyncClient, secret: SecretView, source: int, newest: int) -> None:
        super().__init__(client, f"Roll back · {secret.name}", _what_will_happen(source, newest))
        self._secret = secret
        self._source = source
        self._newest = newest

    def controls(self) -> ComposeResult:
        yield change_reason_field("why; kept with the version")

    def on_mount(self) -> None:
        self.query_one("#reason").focus()

    def problems(self) -> dict[str, str]:
        problem = problem_of(lambda: check_reason(self.text("reason")))
        return {"reason": problem} if problem else {}

    def typed(self) -> bool:
        return bool(self.text("reason"))

    def request(self) -> Callable[[], Awaitable[VersionView]]:
        reason = check_reason(self.text("reason"))
        body = Rollback(version=self._source, if_version=self._newest, **({"reason": reason} if reason else {}))
        return lambda: self._client.roll_back(self._secret.id, body)

    def refused(self, error: StatusError) -> None:
        if isinstance(error, Conflict):
            self._look()

    @work(exclusive=True, group="look", description="newest version")
    async def _look(self) -> None:
        with suppress(StatusError):  # the next try is refused again, and looks again
            versions = await self._client.versions(self._secret.id)
            self.post_message(self.Newer(max((one.version for one in versions), default=self._newest)))

    @on(Newer)
    def _learn(self, message: Newer) -> None:
        self._newest = message.newest
        self.say(_what_will_happen(self._source, self._newest))


def _what_will_happen(source: int, newest: int) -> str:
    return f"Version {newest + 1} will copy version {source}; history stays."
