"""The lines of a backup (docs/backup.md): a head, the scopes, the secrets, an end that counts them.

Each is one JSON object; `kind` says which. A reader passes over fields that it does not know, and refuses a `version`
of the format that it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from adapter.errors import Conflict, Invalid

FORMAT = "status-secrets-backup"
VERSION = 1

RESTORING = "restoring"
"""Stands in a secret's `custom_metadata` until all its versions are back: by whom, when, why, from which backup."""


def check_restored(custom: Mapping[str, str]) -> None:
    """Raises Conflict for a secret that is being restored: its newest versions may be missing."""
    if RESTORING in custom:
        raise Conflict(
            "The secret is being restored, and that is only half done.",
            hint="Try again shortly. When it lasts, an ADMIN repeats the restore: it goes on where it ended.",
        )


class Head(msgspec.Struct, frozen=True, tag="head", tag_field="kind", rename="camel"):
    """`id` names the backup; `vault` is the server's kind and version; `scopes` None: all, and what lies outside."""

    id: str
    created_at: str
    created_by: str
    reason: str
    vault: str
    scopes: list[str] | None
    format: str = FORMAT
    version: int = VERSION


class SavedScope(msgspec.Struct, frozen=True, tag="scope", tag_field="kind", rename="camel"):
    """A scope and what its own entry says."""

    scope: str
    custom_metadata: dict[str, str] = {}


class SavedVersion(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """`state` is `live`, `deleted` or `destroyed`; only a live one has `data`: its fields as they are stored."""

    version: int
    created_at: str
    state: str = "live"
    data: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"SavedVersion({self.version})"


class Settings(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What an entry says of its own history; the defaults leave it to the mount. Times as Vault writes them."""

    max_versions: int = 0
    cas_required: bool = False
    delete_version_after: str = "0s"
    metadata_cas_required: bool = False


class SavedSecret(msgspec.Struct, frozen=True, tag="secret", tag_field="kind", rename="camel"):
    """One entry at `path` within the mount, with its versions, oldest first."""

    path: str
    created_at: str
    updated_at: str
    current_version: int
    custom_metadata: dict[str, str]
    settings: Settings
    versions: list[SavedVersion]

    def __repr__(self) -> str:
        return f"SavedSecret({len(self.versions)} versions)"


class End(msgspec.Struct, frozen=True, tag="end", tag_field="kind", rename="camel"):
    """The last line: without it a backup is not whole."""

    secrets: int
    versions: int


Line = Head | SavedScope | SavedSecret | End

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Line)


def encode_line(line: Line) -> bytearray:
    """The line with its end, in a buffer that the caller can overwrite."""
    buffer = bytearray()
    _encoder.encode_into(line, buffer)
    buffer += b"\n"
    return buffer


def decode_line(text: bytes | bytearray) -> Line:
    """Raises Invalid for what is no line of a backup, or one of a format that is not known here."""
    try:
        line: Line = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        line = End(-1, -1)
    if isinstance(line, Head) and (line.format != FORMAT or line.version != VERSION):
        raise Invalid(
            f"The backup is of version {line.version} of its format; this program knows {VERSION}.",
            hint="Use the program of the version that made it, or a newer one.",
        )
    if isinstance(line, End) and line.secrets < 0:
        raise Invalid("The file holds something else than a backup of STATUS Secrets.", hint="Check which file it is.")
    return line
