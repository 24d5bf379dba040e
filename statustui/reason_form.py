"""An act that needs nothing but a reason, and for a grave one the name typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.widgets import Input

from adapter.client import AsyncClient
from adapter.model.records import check_reason
from statustui.access_section import Done
from statustui.fields import Field
from statustui.form import FormScreen, problem_of

Call = Callable[[str | None], Awaitable[Done]]


def reason_field() -> Field:
    return Field("reason", "Reason", Input(id="reason", placeholder="why; some scopes ask for it", compact=True))


class ReasonForm(FormScreen[Done]):
    """`confirm`: what must be typed before it is done."""

    def __init__(
        self, client: AsyncClient, heading: str, words: str, *, label: str, call: Call, confirm: str = ""
    ) -> None:
        super().__init__(client, heading, words)
        self.SAVE_LABEL = label
        self._call = call
        self._confirm = confirm
        self.set_class(bool(confirm), "-danger")

    def controls(self) -> ComposeResult:
        if self._confirm:
            yield Field("confirm", "Type its name", Input(id="confirm", placeholder=self._confirm, compact=True))
        yield reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#confirm" if self._confirm else "#reason").focus()

    def problems(self) -> dict[str, str]:
        found = {"reason": problem_of(lambda: check_reason(self.text("reason")))}
        if self._confirm and self.text("confirm") != self._confirm:
            found["confirm"] = "That is not its name yet."
        return {key: problem for key, problem in found.items() if problem}

    def typed(self) -> bool:
        return False

    def request(self) -> Callable[[], Awaitable[Done]]:
        reason = check_reason(self.text("reason")) or None
        return lambda: self._call(reason)
