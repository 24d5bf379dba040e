"""The bodies of generating a value, and of checking one before it is stored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from adapter.model.wire import Answer, Revealed, TypeFields, Wire

KeyType = Literal["ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048", "rsa-3072", "rsa-4096"]


class PasswordRecipe(Wire):
    """`length` characters of the classes that are true, or `words` words with the separator between them."""

    type: Literal["PASSWORD", "CUSTOM", "OTHER"]
    length: int = 24
    lower: StrictBool = True
    upper: StrictBool = True
    digits: StrictBool = True
    symbols: StrictBool = True
    words: Annotated[int, Field(strict=True)] = 0
    separator: str = "-"


class ApiKeyRecipe(Wire):
    """`prefix` as it stands, then `size` random bytes in URL-safe base64."""

    type: Literal["API_KEY", "TOKEN"]
    prefix: str = ""
    size: int = 32


class CertificateRecipe(Wire):
    """Self-signed, or with `request` a request for a certification authority. `names`: DNS names, IP addresses."""

    type: Literal["CERTIFICATE"]
    common_name: str
    names: list[str] = []
    organization: str = ""
    days: int = 365
    key: KeyType = "ecdsa-p256"
    request: bool = False
    passphrase: Revealed | None = None


class SshKeyRecipe(Wire):
    """`bits` null is the usual size: 3072 for RSA, 256 for ECDSA."""

    type: Literal["SSH_KEY"]
    algorithm: Literal["ed25519", "ecdsa", "rsa"] = "ed25519"
    bits: int | None = None
    comment: str = ""
    passphrase: Revealed | None = None


Recipe = Annotated[PasswordRecipe | ApiKeyRecipe | CertificateRecipe | SshKeyRecipe, Field(discriminator="type")]

RECIPE_TYPES = frozenset({"PASSWORD", "CUSTOM", "OTHER", "API_KEY", "TOKEN", "CERTIFICATE", "SSH_KEY"})


class Generated(Answer):
    """What was made, for a new secret's fields of the same names; it is stored nowhere yet."""

    type: str
    value: Revealed
    private_key: Revealed | None = None
    public_key: Revealed | None = None
    passphrase: Revealed | None = None
    facts: dict[str, str] = {}
    expires_at: str | None = None


class CheckBody(TypeFields):
    """A value as `POST /secrets` takes it."""

    type: str


class Strength(Answer):
    """How hard a password is to guess: `score` 0 to 4, and what makes it weak; it never repeats the password."""

    score: int
    warning: str = ""
    suggestions: list[str] = []


class CheckProblem(Answer):
    field: str
    reason: str
    hint: str = ""


class Checked(Answer):
    """What a value is, or why it does not fit; `strength` of a password."""

    problems: list[CheckProblem] = []
    facts: dict[str, str] = {}
    expires_at: str | None = None
    strength: Strength | None = None
