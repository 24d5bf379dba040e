"""Generate a value: what it shall be like, by its type; the adapter makes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.errors import Invalid
from adapter.model.generating import ApiKeyRecipe, CertificateRecipe, Generated, PasswordRecipe, SshKeyRecipe
from statustui.fields import Field
from statustui.form import FormScreen, problem_of
from statustui.secret_input import SecretInput
from statustui.wording import type_label

Recipe = PasswordRecipe | ApiKeyRecipe | CertificateRecipe | SshKeyRecipe

CHARACTERS: dict[str, dict[str, Any]] = {
    "letters, digits, symbols": {},
    "letters and digits": {"symbols": False},
    "lower-case letters, digits": {"symbols": False, "upper": False},
    "digits alone": {"symbols": False, "upper": False, "lower": False},
    "words": {"words": 6},
}
ALGORITHMS: dict[str, dict[str, Any]] = {
    "Ed25519": {"algorithm": "ed25519"},
    "ECDSA P-256": {"algorithm": "ecdsa", "bits": 256},
    "ECDSA P-384": {"algorithm": "ecdsa", "bits": 384},
    "ECDSA P-521": {"algorithm": "ecdsa", "bits": 521},
    "RSA 3072": {"algorithm": "rsa", "bits": 3072},
    "RSA 4096": {"algorithm": "rsa", "bits": 4096},
}
KEYS = {
    "ECDSA P-256": "ecdsa-p256",
    "ECDSA P-384": "ecdsa-p384",
    "Ed25519": "ed25519",
    "RSA 2048": "rsa-2048",
    "RSA 3072": "rsa-3072",
    "RSA 4096": "rsa-4096",
}
SELF_SIGNED, REQUEST = "self-signed certificate", "request for an authority (CSR)"


class GenerateScreen(FormScreen[Generated]):
    """Dismisses with what was made; nothing is stored yet."""

    SAVE_LABEL = "Generate"

    def __init__(self, client: AsyncClient, type: str) -> None:
        super().__init__(client, f"Generate · {type_label(type)}", "It is put into the form; saving stores it.")
        self._type = type

    def controls(self) -> ComposeResult:
        if self._type == "CERTIFICATE":
            yield from _certificate()
        elif self._type == "SSH_KEY":
            yield from _ssh_key()
        elif self._type in ("API_KEY", "TOKEN"):
            yield _text("prefix", "Prefix", "optional: sk_live_")
            yield _text("size", "Random bytes", "16 to 256", "32")
        else:
            yield _choice("classes", "Made of", list(CHARACTERS))
            yield _text("length", "Length", "8 to 1024 characters", "24")
            yield _text("words", "Words", "4 to 64", "6")
            yield _text("separator", "Between them", "", "-")

    def on_mount(self) -> None:
        super().on_mount()
        self._fit()
        self.query_one("#commonName" if self._type == "CERTIFICATE" else "#save").focus()

    @on(Select.Changed, "#classes")
    @on(Select.Changed, "#kind")
    def _fit(self) -> None:
        """Show the fields that what is chosen has."""
        chosen = self._chosen("classes")
        for key, shown in (
            ("length", chosen != "words"),
            ("words", chosen == "words"),
            ("separator", chosen == "words"),
            ("days", self._chosen("kind") == SELF_SIGNED),
        ):
            for field in self.query(f"#field-{key}"):
                field.display = shown
        self._check()

    def _chosen(self, key: str) -> str:
        found = self.query(f"#{key}")
        return str(found.first(Select).value) if found else ""

    def _number(self, key: str) -> int:
        """Raises Invalid."""
        text = self.text(key).strip()
        if not text.isdecimal() or len(text) > 6:
            raise Invalid.field(key, "That is no whole number.")
        return int(text)

    def problems(self) -> dict[str, str]:
        numbers = [one for one in ("size", "length", "words", "days") if self.query(f"#field-{one}")]
        found = {key: problem_of(lambda key=key: self._number(key)) for key in numbers}  # type: ignore[misc]
        if self._type == "CERTIFICATE" and not self.text("commonName").strip():
            found["commonName"] = "Enter the name of the server or client."
        shown = {key: problem for key, problem in found.items() if self.query_one(f"#field-{key}").display}
        return {key: problem for key, problem in shown.items() if problem}

    def typed(self) -> bool:
        return False

    def request(self) -> Callable[[], Awaitable[Generated]]:
        recipe = self.recipe()
        return lambda: self._client.generate(recipe)

    def recipe(self) -> Recipe:
        """What the fields say. Raises Invalid."""
        if self._type == "CERTIFICATE":
            return self._certificate()
        if self._type == "SSH_KEY":
            chosen = ALGORITHMS[self._chosen("algorithm")]
            return SshKeyRecipe(
                type="SSH_KEY", **chosen, comment=self.text("comment").strip(), passphrase=self._passphrase()
            )
        if self._type in ("API_KEY", "TOKEN"):
            return ApiKeyRecipe(type=self._type, prefix=self.text("prefix"), size=self._number("size"))
        kind = self._type if self._type in ("CUSTOM", "OTHER") else "PASSWORD"
        if self._chosen("classes") == "words":
            words: dict[str, Any] = {"words": self._number("words"), "separator": self.text("separator")}
        else:
            words = CHARACTERS[self._chosen("classes")] | {"length": self._number("length")}
        return PasswordRecipe(type=kind, **words)

    def _certificate(self) -> CertificateRecipe:
        names = [one.strip() for one in self.text("names").split(",") if one.strip()]
        request = self._chosen("kind") == REQUEST
        return CertificateRecipe(
            type="CERTIFICATE",
            common_name=self.text("commonName").strip(),
            names=names,
            organization=self.text("organization").strip(),
            key=KEYS[self._chosen("key")],
            request=request,
            passphrase=self._passphrase(),
            **({} if request else {"days": self._number("days")}),
        )

    def _passphrase(self) -> Any:
        typed = self.query_one("#passphrase", SecretInput)
        return typed.secret() if typed.value else None


def _text(key: str, label: str, placeholder: str, value: str = "") -> Field:
    return Field(key, label, Input(value, id=key, placeholder=placeholder, compact=True))


def _choice(key: str, label: str, choices: list[str]) -> Field:
    options = [(one, one) for one in choices]
    return Field(key, label, Select(options, value=choices[0], allow_blank=False, compact=True, id=key))


def _passphrase() -> Field:
    return Field("passphrase", "Passphrase", SecretInput(id="passphrase", placeholder="optional: encrypts the key"))


def _certificate() -> ComposeResult:
    yield _choice("kind", "What", [SELF_SIGNED, REQUEST])
    yield _text("commonName", "Common name", "gateway.example.org")
    yield _text("names", "Names", "optional: other DNS names, IP addresses")
    yield _text("organization", "Organization", "optional")
    yield _choice("key", "Key", list(KEYS))
    yield _text("days", "Valid for", "days", "365")
    yield _passphrase()


def _ssh_key() -> ComposeResult:
    yield _choice("algorithm", "Algorithm", list(ALGORITHMS))
    yield _text("comment", "Comment", "optional: whose it is")
    yield _passphrase()
