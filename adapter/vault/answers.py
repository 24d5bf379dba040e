"""Vault's answers as typed values; what is not needed is not decoded."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from adapter.errors import OutcomeUnknown


class VersionMeta(msgspec.Struct, frozen=True):
    created_time: str
    deletion_time: str = ""
    destroyed: bool = False


class Metadata(msgspec.Struct, frozen=True):
    """A KV v2 entry's metadata; `versions` is keyed by the number as text, as Vault sends it."""

    created_time: str
    updated_time: str
    current_version: int
    oldest_version: int = 0
    versions: dict[str, VersionMeta] = {}
    custom_metadata: dict[str, str] | None = None
    max_versions: int = 0
    cas_required: bool = False
    delete_version_after: str = "0s"
    metadata_cas_required: bool = False
    current_metadata_version: int | None = None

    @property
    def custom(self) -> dict[str, str]:
        return self.custom_metadata or {}


class Written(msgspec.Struct, frozen=True):
    """What Vault says of a version that it has just written."""

    version: int
    created_time: str


class Fields(msgspec.Struct, frozen=True):
    """One version's fields as they were stored."""

    data: dict[str, Any]

    def __repr__(self) -> str:
        return "Fields(…)"


class Listing(msgspec.Struct, frozen=True):
    keys: list[str] = []
    key_info: dict[str, msgspec.Raw] = {}


class TokenInfo(msgspec.Struct, frozen=True):
    """`auth/token/lookup-self`; `expire_time` None: the token does not end."""

    display_name: str
    policies: list[str] = []
    identity_policies: list[str] = []
    entity_id: str = ""
    path: str = ""
    expire_time: str | None = None
    meta: dict[str, str] | None = None


class Auth(msgspec.Struct, frozen=True):
    client_token: str
    lease_duration: int = 0
    policies: list[str] = []

    def __repr__(self) -> str:
        return "Auth(…)"


class _AuthBody(msgspec.Struct):
    auth: Auth


class _DataBody(msgspec.Struct):
    data: msgspec.Raw


T = TypeVar("T")


def decode_data(content: bytes, kind: type[T]) -> T:
    """The `data` of an answer as `kind`. Raises OutcomeUnknown for what is not of that shape."""
    try:
        return msgspec.json.decode(msgspec.json.decode(content, type=_DataBody).data, type=kind)
    except msgspec.DecodeError:
        raise unreadable() from None


def decode_struct(content: bytes | msgspec.Raw, kind: type[T]) -> T:
    """A part of an answer as `kind`. Raises OutcomeUnknown for what is not of that shape."""
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError:
        raise unreadable() from None


def decode_auth(content: bytes) -> Auth:
    try:
        return msgspec.json.decode(content, type=_AuthBody).auth
    except msgspec.DecodeError:
        raise unreadable() from None


def decode_any(content: bytes) -> dict[str, Any]:
    """The whole `data` as plain JSON, for settings that are compared key by key."""
    return decode_data(content, dict[str, Any])


def unreadable() -> OutcomeUnknown:
    return OutcomeUnknown("The vault's answer could not be read.", hint="Is this address a Vault or OpenBao server?")
