"""The vault's audit devices (`sys/audit`), and the keyed hash that each writes for a string (`sys/audit-hash`)."""

from __future__ import annotations

import msgspec
from pydantic import SecretStr

from adapter.errors import NotAllowed, NotSignedIn
from adapter.vault.answers import decode_data
from adapter.vault.session import VaultSession


class _Hash(msgspec.Struct, frozen=True):
    hash: str


class _Device(msgspec.Struct, frozen=True):
    type: str = ""


async def devices(session: VaultSession) -> list[str]:
    """Their names. Raises NotAllowed for whoever is no ADMIN, and for a token of a namespace, which has none."""
    try:
        _, content = await session.send("GET", "sys/audit", headers=session.vault.of_root)
    except NotSignedIn:
        if not session.vault.in_namespace:
            raise
        raise NotAllowed(
            "The audit devices are in the server's root namespace, which this token is not of.",
            hint="Whoever runs the server can look there.",
        ) from None
    return sorted(name.rstrip("/") for name in decode_data(content, dict[str, _Device]))


async def hash_by(session: VaultSession, device: str, text: SecretStr) -> str:
    """The hash that a device writes for a string: `hmac-sha256:…`. Raises NotAllowed."""
    body = {"input": text.get_secret_value()}
    _, content = await session.send("POST", "sys/audit-hash", device, body=body, headers=session.vault.of_root)
    return decode_data(content, _Hash).hash
