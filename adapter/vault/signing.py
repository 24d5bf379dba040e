"""Signatures of Transit over digests of the audit log: https://openbao.org/api-docs/secret/transit/#sign-data"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapter.vault.answers import decode_any, decode_data
from adapter.vault.policies import SEAL_KEY, seal_mount
from adapter.vault.session import VaultSession


class _Version(msgspec.Struct, frozen=True):
    public_key: str


class _Key(msgspec.Struct, frozen=True):
    keys: dict[str, _Version]


def sign_path(mount: str) -> str:
    """Where signatures are made; the vault's log names it."""
    return f"{seal_mount(mount)}/sign/{SEAL_KEY}"


async def sign(session: VaultSession, digest: str) -> str:
    """The signature of a digest in hex: `vault:v1:…`. Raises NotAllowed, NotFound."""
    body = {"input": base64.b64encode(digest.encode()).decode()}
    _, content = await session.send("POST", sign_path(session.vault.mount), body=body)
    return str(decode_any(content)["signature"])


async def public_keys(session: VaultSession) -> Mapping[int, Ed25519PublicKey]:
    """The key's public part, by version. Raises NotAllowed, NotFound."""
    _, content = await session.send("GET", seal_mount(session.vault.mount), "keys", SEAL_KEY)
    keys = decode_data(content, _Key).keys
    return {
        int(number): Ed25519PublicKey.from_public_bytes(base64.b64decode(version.public_key))
        for number, version in keys.items()
    }


def is_genuine(keys: Mapping[int, Ed25519PublicKey], digest: str, signature: str) -> bool:
    """Whether one of the keys made that signature of that digest."""
    _, version, encoded = [*signature.split(":"), "", "", ""][:3]
    key = keys.get(int(version[1:])) if version[:1] == "v" and version[1:].isdigit() else None
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(encoded), digest.encode())
    except (InvalidSignature, binascii.Error):
        return False
    return True
