"""The fields for a value: masked, with what shows, generates or reads it beside it, and its key's passphrase."""

from __future__ import annotations

from pydantic import SecretStr
from textual import on
from textual.message import Message
from textual.widgets import Button

from adapter.model.generating import Generated
from statustui.fields import Field, button
from statustui.secret_input import SecretInput
from statustui.wording import KEY_TYPES

TYPE_OR_PASTE = "type, paste or generate"
PLACEHOLDERS = {
    "CERTIFICATE": "paste the PEM",
    "SSH_KEY": "paste the private key",
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

    def take(self, passphrase: SecretStr | None) -> None:
        self.query_one(SecretInput).value = passphrase.get_secret_value() if passphrase else ""


class ValueField(Field):
    class GenerateAsked(Message):
        """A value shall be generated."""

    class FileAsked(Message):
        """A file's text shall be the value."""

    def __init__(self, *, label: str = "Value") -> None:
        self._input = SecretInput(id="value", lines=True, placeholder=TYPE_OR_PASTE)
        self._toggle = button("Show", "show-value")
        self._pair: tuple[int, SecretStr] | None = None
        buttons = self._toggle, button("Generate", "generate"), button("File", "from-file")
        super().__init__("value", label, self._input, *buttons)

    def of_type(self, wire: str) -> None:
        """Say what a value of that type looks like."""
        self._input.placeholder = PLACEHOLDERS.get(wire, TYPE_OR_PASTE)

    def fill(self, text: SecretStr) -> None:
        """Put a text into it, masked."""
        self._mask(True)
        self._input.value = text.get_secret_value()

    def take(self, made: Generated) -> None:
        """Put what was generated into it: of a certificate with its private key, as one paste."""
        parts = [made.value, *([made.private_key] if made.private_key else [])]
        self.fill(SecretStr("".join(part.get_secret_value() for part in parts)))
        self._pair = (hash(self._input.value), made.public_key) if made.public_key else None

    def further(self) -> dict[str, SecretStr]:
        """The public key, with its comment, of a pair that was generated and not changed since."""
        return {"public_key": self._pair[1]} if self._pair and self._pair[0] == hash(self._input.value) else {}

    @on(Button.Pressed, "#show-value")
    def _show_or_hide(self, event: Button.Pressed) -> None:
        event.stop()
        self._mask(not self._input.password)

    @on(Button.Pressed, "#generate")
    def _generate(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.GenerateAsked())

    @on(Button.Pressed, "#from-file")
    def _from_file(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.FileAsked())

    def _mask(self, masked: bool) -> None:
        self._input.password = masked
        self._toggle.label = "Show" if masked else "Hide"
