"""Reading a secret's value, the one request with which a value leaves the vault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from pydantic import SecretStr

from adapter.errors import NotFound
from adapter.model.address import Address
from adapter.vault.answers import unreadable
from adapter.vault.session import VaultSession

_GONE = frozenset({404})

TO_WRAP = "wrapping"


class VersionInfo(msgspec.Struct, frozen=True):
    """What Vault says of the version that it served, and the entry's `custom_metadata`."""

    version: int
    created_time: str = ""
    deletion_time: str = ""
    destroyed: bool = False
    custom_metadata: dict[str, str] | None = None


class StoredVersion(msgspec.Struct, frozen=True):
    """A version as it is stored; `data` None: it was deleted or destroyed."""

    metadata: VersionInfo
    data: dict[str, Any] | None = None

    @property
    def custom(self) -> Mapping[str, str]:
        return self.metadata.custom_metadata or {}

    def __repr__(self) -> str:
        return f"StoredVersion(version={self.metadata.version})"


class _Body(msgspec.Struct):
    data: StoredVersion


class _WrapInfo(msgspec.Struct):
    token: str
    ttl: int
    creation_time: str

    def __repr__(self) -> str:
        return "_WrapInfo(…)"


class _WrapBody(msgspec.Struct):
    wrap_info: _WrapInfo


_DECODER = msgspec.json.Decoder(_Body)


async def read_stored(
    session: VaultSession, address: Address, version: int | None, *, to_wrap: bool = False
) -> StoredVersion:
    """A version, None for the current one. Raises NotFound when there is none, NotAllowed as Vault says it.

    `to_wrap` stands in the vault's log as a parameter's name, so that what is wrapped next is known to be from here.
    """
    params: dict[str, int] | None = {"version": version} if version is not None else None
    if to_wrap:
        params = {**(params or {}), TO_WRAP: 1}
    status, content = await session.send("GET", session.vault.mount, "data", address.path, params=params, ok=_GONE)
    try:
        return _DECODER.decode(content).data
    except msgspec.DecodeError:
        if status in _GONE:
            raise NotFound("The vault has nothing there.", hint="Check the name and the version.") from None
        raise unreadable() from None


async def wrap_alone(session: VaultSession, data: Mapping[str, str], seconds: int) -> tuple[SecretStr, int, str]:
    """As `wrap`, for some data and nothing else. Raises NotAllowed as Vault says it."""
    headers = {"X-Vault-Wrap-TTL": f"{seconds}s"}
    _, content = await session.send("POST", "sys/wrapping/wrap", body=dict(data), headers=headers)
    return _wrapped(content)


async def wrap(session: VaultSession, address: Address, version: int, seconds: int) -> tuple[SecretStr, int, str]:
    """A single-use token for a version: the token, its seconds, and when it was made. Raises as `read_stored`."""
    _, content = await session.send(
        "GET",
        session.vault.mount,
        "data",
        address.path,
        params={"version": version},
        headers={"X-Vault-Wrap-TTL": f"{seconds}s"},
    )
    return _wrapped(content)


def _wrapped(content: bytes) -> tuple[SecretStr, int, str]:
    try:
        info = msgspec.json.decode(content, type=_WrapBody).wrap_info
    except msgspec.DecodeError:
        raise unreadable() from None
    return SecretStr(info.token), info.ttl, info.creation_time
