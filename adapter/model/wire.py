"""The JSON bodies of the HTTP API, as API.md and STATUS's front end spell them (camelCase, times in ISO 8601)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer, SecretStr, WithJsonSchema
from pydantic.alias_generators import to_camel

MASK = "********"

MOUNT_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""The name of an auth method's mount."""


class Wire(BaseModel):
    """Camel case outside, snake case inside; no input in error messages; unknown fields refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        hide_input_in_errors=True,
        frozen=True,
    )


class Answer(Wire):
    """What a server sends: a newer one may add fields."""

    model_config = ConfigDict(extra="ignore")


Revealed = Annotated[
    SecretStr,
    PlainSerializer(lambda value: value.get_secret_value(), return_type=str, when_used="always"),
    WithJsonSchema({"type": "string", "format": "password"}),
]
"""A secret string that shows in JSON and nowhere else; pydantic's own schema says that no answer may have it."""


class Reasoned(Wire):
    reason: str | None = None


class TypeFields(Wire):
    """The value, the further fields of a type, and how it shall be checked.

    `private_key`, `chain`, `passphrase`: certificates (PEM); `public_key`, `passphrase`: SSH keys; `fields`, `rule`:
    custom secrets; `allow_expired`: certificates; `min_strength`, 0 to 4: passwords.
    """

    value: Revealed | None = None
    private_key: Revealed | None = None
    chain: Revealed | None = None
    public_key: Revealed | None = None
    passphrase: Revealed | None = None
    fields: dict[str, Revealed] | None = None
    rule: str | None = None
    allow_expired: bool | None = None
    min_strength: int | None = None


class Details(Wire):
    """Where a secret is, and what is known about it beside its value."""

    environment: str | None = None
    scope: str | None = None
    description: str | None = None
    expires_at: str | None = None
    rotate_every: str | None = None
    tags: list[str] | None = None
    usage: str | None = None


class SecretCreate(Reasoned, Details, TypeFields):
    name: str
    type: str


class SecretPatch(Reasoned, Details, TypeFields):
    """What a PATCH may change; a field that is not sent stays as it is, null clears it."""

    name: str | None = None
    type: str | None = None
    if_version: int | None = None

    def sent(self) -> set[str]:
        return set(self.model_fields_set)


class VersionCreate(Reasoned, TypeFields):
    if_version: int | None = None


class Rollback(Reasoned):
    version: int
    if_version: int | None = None


class VersionView(Answer):
    """One version of a secret. `created_by` is None where nothing is known: a version written without STATUS."""

    version: int
    created_at: str
    created_by: str | None
    reason: str | None
    state: str
    origin: str
    rolled_back_from: int | None = None
    flags: list[str] = []


class SecretView(Answer):
    """One secret over the wire. `value` is masked everywhere but in the answer that created it.

    `last_used_at` and `used_by` (components) are from the vault's log, which says nothing of what was before
    `last_used_known_since`; that is None where the log is not known.
    """

    id: str
    name: str
    type: str
    environment: str | None
    scope: str
    description: str = ""
    created_by: str | None
    created_at: str
    updated_at: str
    rotated_at: str
    version: int
    changed_by: str | None = None
    reason: str | None = None
    state: str = "current"
    last_used_at: str | None = None
    last_used_known_since: str | None = None
    used_by: list[str] = []
    expires_at: str | None = None
    expired: bool = False
    rotate_every: str | None = None
    tags: list[str] = []
    usage: str = ""
    facts: dict[str, str] = {}
    flags: list[str] = []
    value: Revealed = SecretStr(MASK)


class SecretSaved(SecretView):
    """A secret after a change, with a sentence of what happened."""

    message: str


class Health(Answer):
    """The adapter's and the vault's condition; nothing about secrets."""

    status: Literal["ok", "sealed", "unreachable"]
    vault: str
    version: str


class Ready(Answer):
    """Whether calls can be answered now."""

    status: Literal["ok", "sealed", "unreachable", "identity_refused"]


class ProblemField(Answer):
    field: str
    reason: str


class Problem(Answer):
    """Every error of the API: `application/problem+json` (RFC 9457) with STATUS's `message`."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str
    message: str
    errors: list[ProblemField] | None = None


def dump(model: Wire, *, only_set: bool = False) -> dict[str, Any]:
    """The JSON-ready body of a wire model."""
    return model.model_dump(mode="json", by_alias=True, exclude_unset=only_set)
