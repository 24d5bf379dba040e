"""Response wrapping: an answer of Vault's that only whoever unwraps it sees."""

from __future__ import annotations

import msgspec
from pydantic import SecretStr

from adapter.vault.answers import unreadable


class Wrapped(msgspec.Struct, frozen=True):
    """`token` unwraps the answer once, within `ttl` seconds; `wrapped_accessor` is that of what is inside."""

    token: str
    ttl: int
    creation_time: str
    wrapped_accessor: str = ""

    def __repr__(self) -> str:
        return "Wrapped(…)"

    @property
    def secret(self) -> SecretStr:
        return SecretStr(self.token)


class _Body(msgspec.Struct):
    wrap_info: Wrapped


def decode_wrapped(content: bytes) -> Wrapped:
    """Raises OutcomeUnknown for an answer that is not wrapped."""
    try:
        return msgspec.json.decode(content, type=_Body).wrap_info
    except msgspec.DecodeError:
        raise unreadable() from None
