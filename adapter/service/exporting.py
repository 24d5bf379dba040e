"""The list as a file: metadata only, never a value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from adapter.model.roles import Role
from adapter.model.wire import SecretView
from adapter.service.app import Act
from adapter.service.listing import Filter, list_secrets

COLUMNS = (
    "id", "scope", "name", "type", "description", "version", "state", "createdBy", "createdAt", "changedBy", "reason",
    "rotatedAt", "updatedAt", "lastUsedAt", "expiresAt", "expired", "rotateEvery", "tags", "usage", "flags",
)  # fmt: skip

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a cell for a formula; the last four are the signs in full width."""


async def exported(act: Act, wanted: Filter) -> list[SecretView]:
    """What the caller may view as a person: a component, which may look at secrets to use them, exports none."""
    found, _ = await list_secrets(act, wanted)
    roles = (await act.identity()).roles
    return [secret for secret in found if roles.get(secret.scope) is not Role.USE]


def as_csv(secrets: Iterable[SecretView]) -> str:
    """A header and a row a secret, RFC 4180; a cell that a spreadsheet would run starts with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for secret in secrets:
        body = secret.model_dump(mode="json", by_alias=True)
        writer.writerow([cell(body[column]) for column in COLUMNS])
    return out.getvalue()


def cell(value: object) -> str:
    """A value as a cell: lists joined, None empty, truth as in JSON, nothing that a spreadsheet would run."""
    if isinstance(value, bool):
        return str(value).lower()
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
