"""Delete for good, after typing the name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from adapter.client import AsyncClient
from adapter.model.records import check_reason, parse_time
from adapter.model.wire import SecretView
from statustui.fields import Field, change_reason_field
from statustui.form import FormScreen, problem_of
from statustui.times import ago
from statustui.wording import cut_end, grouped, one_line

_LONGEST_LIST = 120
"""Cells for the names of what used the secret."""


class DeleteScreen(FormScreen[bool]):
    """Dismisses with True once the secret is gone."""

    SAVE_LABEL = "Delete for good"
    BINDINGS = [Binding("ctrl+s", "save", "Delete for good", id="delete.save", tooltip="Remove it", priority=True)]

    def __init__(self, client: AsyncClient, secret: SecretView, now: datetime) -> None:
        super().__init__(client, f"Delete · {secret.name}", _consequence(secret, now))
        self.add_class("-danger")
        self._secret = secret

    def controls(self) -> ComposeResult:
        placeholder = "as it stands in the title"
        yield Field("confirm", "Type its name", Input(id="confirm", placeholder=placeholder, compact=True))
        yield change_reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#confirm").focus()

    def problems(self) -> dict[str, str]:
        found = {"reason": problem_of(lambda: check_reason(self.text("reason")))}
        if self.text("confirm") != self._secret.name:
            found["confirm"] = "That is not its name yet."
        return {key: problem for key, problem in found.items() if problem}

    def typed(self) -> bool:
        return False

    def request(self) -> Callable[[], Awaitable[bool]]:
        reason = check_reason(self.text("reason")) or None

        async def send() -> bool:
            await self._client.delete(self._secret.id, reason=reason)
            return True

        return send


def _consequence(secret: SecretView, now: datetime) -> str:
    used = parse_time(secret.last_used_at) if secret.last_used_at else None
    by = f" by {cut_end(one_line(', '.join(secret.used_by)), _LONGEST_LIST)}" if secret.used_by else ""
    last = f" It was last used {ago(used, now)}{by}." if used else ""
    versions = "its only version" if secret.version == 1 else f"all its {grouped(secret.version)} versions"
    return f"It will be gone with {versions}. This cannot be undone.{last}"
