"""A form with a value: it can be generated or read from a file, and is looked at once the typing pauses."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import SecretStr
from textual import on, work
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Select

from adapter.errors import StatusError
from adapter.model.generating import CheckBody, Checked, Generated
from statustui.checks import check_value, describe_value
from statustui.form import SAME_FIELD, FormScreen, problem_of
from statustui.from_file import FileScreen
from statustui.generate import GenerateScreen
from statustui.secret_input import SecretInput
from statustui.tick import Tick
from statustui.type_options import TypeOption
from statustui.value_field import PassphraseField, ValueField
from statustui.wording import what_it_is

R = TypeVar("R")

HINTS = {
    "CERTIFICATE": "PEM: certificate, chain and private key in one paste",
    "SSH_KEY": "OpenSSH, PEM or PKCS#8; the public key is derived",
    "CUSTOM": "several named fields in one secret: over the API",
    "OTHER": "several named fields in one secret: over the API",
}
"""What a value of that type may be."""

PAUSE = 0.3
"""Seconds without a key after which the adapter is asked what the value is."""


class ValueEntry(FormScreen[R]):
    class Looked(Message):
        """What the adapter made of the value as it stood at change number `of`."""

        def __init__(self, checked: Checked, of: int) -> None:
            super().__init__()
            self.checked = checked
            self.of = of

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._looked: Checked | None = None
        self._changes = 0
        self._pausing: Timer | None = None

    @property
    @abstractmethod
    def type(self) -> str:
        """The type that the value shall have, as on the wire."""

    @property
    def rule(self) -> str | None:
        """The rule that the value must obey already."""
        return None

    def fit_type(self) -> None:
        """The fields as the type has them."""
        self.query_one(ValueField).of_type(self.type)
        self.query_one(PassphraseField).of_type(self.type)
        for one in self.query(TypeOption):
            one.of_type(self.type)
        self._look_later()

    def further(self) -> dict[str, Any]:
        """What belongs to the value, by its name in the bodies: passphrase, and what its type alone has."""
        given = self.query_one(PassphraseField).given()
        for one in self.query(TypeOption):
            given |= one.given()
        return given

    # --- where the value comes from

    @on(ValueField.GenerateAsked)
    def _ask_how(self, event: ValueField.GenerateAsked) -> None:
        event.stop()
        self.app.push_screen(GenerateScreen(self._client, self.type), self._generated)

    def _generated(self, made: Generated | None) -> None:
        if made is not None:
            self.query_one(ValueField).take(made)
            self.query_one(PassphraseField).take(made.passphrase)

    @on(ValueField.FileAsked)
    def _ask_where(self, event: ValueField.FileAsked) -> None:
        event.stop()
        self.app.push_screen(FileScreen(self._client, self.type), self._read)

    def _read(self, text: SecretStr | None) -> None:
        if text is not None:
            self.query_one(ValueField).fill(text)

    # --- what it is

    @on(Input.Changed, "#value")
    @on(Input.Changed, "#passphrase")
    @on(Input.Changed, "#rule")
    @on(Tick.Changed, "#allowExpired")
    @on(Select.Changed, "#type")
    def _look_later(self) -> None:
        self._changes += 1
        self._looked = None
        if self._pausing is not None:
            self._pausing.stop()
        self._pausing = self.set_timer(PAUSE, self._look)

    def _look(self) -> None:
        value = self.query_one("#value", SecretInput)
        if value.value.strip() and not self._sending:
            given = {"rule": self.rule} | self.further()
            self._ask(CheckBody(type=self.type, value=value.secret(), **given), self._changes)

    @work(exclusive=True, group="look", description="look at the value")
    async def _ask(self, body: CheckBody, of: int) -> None:
        with suppress(StatusError):  # saving says it
            self.post_message(self.Looked(await self._client.check(body), of))

    @on(Looked)
    def _has_looked(self, message: Looked) -> None:
        if message.of == self._changes:
            self._looked = message.checked
            self._check()

    def value_problems(self) -> dict[str, str]:
        found = {"value": problem_of(lambda: check_value(self.text("value")))}
        for one in self._looked.problems if self._looked else ():
            key = SAME_FIELD.get(one.field, one.field)
            key = key if key in ("value", "passphrase", "rule") and self.query(f"#{key}") else "value"
            found[key] = found.get(key) or f"{one.reason} {one.hint}".strip()
        return found

    def value_note(self) -> str:
        seen = what_it_is(self.type, self._looked) if self._looked else ""
        return seen or describe_value(self.text("value")) or HINTS.get(self.type, "")
