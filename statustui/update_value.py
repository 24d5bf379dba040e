"""Update value: a new version, on top of the one that the person saw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.widgets import Input

from adapter.client import AsyncClient
from adapter.model.records import check_reason
from adapter.model.wire import SecretPatch, SecretSaved, SecretView
from statustui.fields import change_reason_field
from statustui.form import problem_of
from statustui.on_secret import SecretForm
from statustui.secret_input import SecretInput
from statustui.type_options import ExpiredOption
from statustui.value_entry import ValueEntry
from statustui.value_field import PassphraseField, ValueField


class UpdateValueScreen(ValueEntry[SecretSaved], SecretForm[SecretSaved]):
    """The answer carries the new value as the person gave it, for the confirmation."""

    def __init__(self, client: AsyncClient, secret: SecretView) -> None:
        super().__init__(client, secret, f"Update value · {secret.name}", _what_will_happen(secret))

    def controls(self) -> ComposeResult:
        yield ValueField(label="New value")
        yield PassphraseField()
        yield ExpiredOption()
        yield change_reason_field("why; kept with the version")

    def on_mount(self) -> None:
        super().on_mount()
        self.fit_type()
        self.query_one("#value").focus()

    @property
    def type(self) -> str:
        return self._secret.type

    @property
    def rule(self) -> str | None:
        return self._secret.facts.get("rule")

    def problems(self) -> dict[str, str]:
        found = {
            **self.value_problems(),
            "reason": problem_of(lambda: check_reason(self.text("reason"))),
        }
        return {key: problem for key, problem in found.items() if problem}

    def notes(self) -> dict[str, str]:
        return {"value": self.value_note()}

    def learn(self, secret: SecretView) -> None:
        super().learn(secret)
        self.say(_what_will_happen(secret))

    def typed(self) -> bool:
        return any(one.value for one in self.query(Input))

    def request(self) -> Callable[[], Awaitable[SecretSaved]]:
        value = self.query_one("#value", SecretInput).secret()
        reason = check_reason(self.text("reason"))
        further = self.query_one(ValueField).further() | self.further()
        given = further | ({"reason": reason} if reason else {})
        change = SecretPatch(value=value, if_version=self._secret.version, **given)

        async def send() -> SecretSaved:
            saved = await self._client.edit(self._secret.id, change)
            return saved.model_copy(update={"value": value})

        return send


def _what_will_happen(secret: SecretView) -> str:
    return f"Version {secret.version + 1} will hold the new value; earlier versions stay."
