"""The JSON bodies of the calls that answer values."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from adapter.model.wire import Answer, Reasoned, Revealed

VersionNumber = Annotated[int, Field(ge=1, le=2**53, strict=True)]


class ValueRequest(Reasoned):
    """`version` None: the current one. `field` None: the field `value`. `wrap`: for how long a token is good, `60s`."""

    version: VersionNumber | None = None
    field: str | None = None
    wrap: str | None = None


class ValueAnswer(Answer):
    """`fields`: what the secret has beside its value. `expired` is sent when it is so."""

    value: Revealed
    version: int
    fields: dict[str, Revealed] | None = None
    expired: bool = False


class WrappedAnswer(Answer):
    """A token that hands the value out once, to whoever unwraps it before `expires_at`."""

    wrap_token: Revealed
    expires_at: str


class ResolveRequest(Reasoned):
    refs: list[str]


class Resolved(Answer):
    """Either `value` and `version`, or `error` (a problem's code) and `message`."""

    ref: str
    value: Revealed | None = None
    version: int | None = None
    expired: bool = False
    error: str | None = None
    message: str | None = None


class ResolveAnswer(Answer):
    results: list[Resolved]


class HydrateRequest(Reasoned):
    """`controls` may be anything: what is no list comes back as it is."""

    controls: Any
    default_environment: str | None = None


class HydrateAnswer(Answer):
    controls: Any


class RenderRequest(Reasoned):
    document: Any
    partial: Annotated[bool, Field(strict=True)] = False


class Replaced(Answer):
    """`path` is a JSON Pointer (RFC 6901)."""

    path: str
    ref: str


class NotReplaced(Replaced):
    error: str
    message: str


class RenderAnswer(Answer):
    document: Any
    replaced: list[Replaced]
    failed: list[NotReplaced] | None = None


class SecretChanged(Answer):
    """A secret has a new version, is gone, or has moved `to` another id; `version`: its current one."""

    id: str
    version: int
    to: str | None = None


Shape = Literal["params", "resolvedSecrets"]
