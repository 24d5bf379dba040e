"""The fields for a value: masked, with show and generate beside it, and the passphrase of its private key."""

from __future__ import annotations

from pydantic import SecretStr
from textual import on
from textual.widgets import Button

from statustui.fields import Field, button
from statustui.generate import random_value
from statustui.secret_input import SecretInput
from statustui.wording import KEY_TYPES

TYPE_OR_PASTE = "type, paste or generate"
PLACEHOLDERS = {
    "CERTIFICATE": "paste the PEM: certificate, chain, key in any order",
    "SSH_KEY": "paste the private key, from -----BEGIN on",
}


class PassphraseField(Field):
    """Shown for the types that have a private key."""

    def __init__(self) -> None:
        super().__init__("passphrase", "Passphrase", SecretInput(id="passphrase", placeholder="of the private key"))

    def of_type(self, wire: str) -> None:
        self.display = wire in KEY_TYPES

    def given(self) -> dict[str, SecretStr]:
        """The passphrase by its name in the API; nothing when there is none."""
        typed = self.query_one(SecretInput)
        return {"passphrase": typed.secret()} if self.display and typed.value else {}


class ValueField(Field):
    def __init__(self, *, label: str = "Value") -> None:
        self._input = SecretInput(id="value", lines=True, placeholder=TYPE_OR_PASTE)
        self._toggle = button("Show", "show-value")
        self._generator = button("Generate", "generate")
        super().__init__("value", label, self._input, self._toggle, self._generator)

    def of_type(self, wire: str) -> None:
        """Say what a value of that type looks like."""
        self._input.placeholder = PLACEHOLDERS.get(wire, TYPE_OR_PASTE)
        self._generator.display = wire not in KEY_TYPES

    @on(Button.Pressed, "#show-value")
    def _show_or_hide(self, event: Button.Pressed) -> None:
        event.stop()
        self._mask(not self._input.password)

    @on(Button.Pressed, "#generate")
    def _generate(self, event: Button.Pressed) -> None:
        event.stop()
        self._mask(True)
        self._input.value = random_value().get_secret_value()

    def _mask(self, masked: bool) -> None:
        self._input.password = masked
        self._toggle.label = "Show" if masked else "Hide"
