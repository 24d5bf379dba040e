"""A session that outlives the program: its token in the operating system's keyring, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "status-secrets"
NONE_HERE = "no keyring here"

SAFE = frozenset(f"keyring.backends.{name}" for name in ("SecretService", "Windows", "kwallet", "libsecret", "macOS"))
"""Backends of the operating system. Others write files."""


class Remembered(Protocol):
    """One token for one vault. Nothing here raises: a keyring that is locked or gone is one that remembers nothing."""

    async def why_not(self) -> str:
        """Why nothing can be remembered here; empty when it can."""
        ...

    async def get(self) -> SecretStr | None: ...

    async def put(self, token: SecretStr) -> bool:
        """Whether it is kept."""
        ...

    async def drop(self) -> None: ...


class OsKeyring:
    """`account` names the vault whose token it is. The keyring is asked in a thread: it may ask the person."""

    def __init__(self, account: str) -> None:
        self._account = account

    async def why_not(self) -> str:
        return "" if await asyncio.to_thread(_backend) is not None else NONE_HERE

    async def get(self) -> SecretStr | None:
        text = await asyncio.to_thread(self._get)
        return SecretStr(text) if text else None

    async def put(self, token: SecretStr) -> bool:
        return await asyncio.to_thread(self._put, token)

    async def drop(self) -> None:
        await asyncio.to_thread(self._drop)

    def _get(self) -> str | None:
        backend = _backend()
        try:
            return backend.get_password(SERVICE, self._account) if backend is not None else None
        except Exception:  # noqa: BLE001  each backend has errors of its own, of its system's libraries
            return None

    def _put(self, token: SecretStr) -> bool:
        backend = _backend()
        if backend is None:
            return False
        try:
            backend.set_password(SERVICE, self._account, token.get_secret_value())
        except Exception:  # noqa: BLE001  as above
            return False
        return True

    def _drop(self) -> None:
        backend = _backend()
        try:
            if backend is not None and backend.get_password(SERVICE, self._account) is not None:
                backend.delete_password(SERVICE, self._account)
        except Exception:  # noqa: BLE001, S110  as above; the token itself ends at the vault
            pass


def _backend() -> KeyringBackend | None:
    """The operating system's keyring; None where there is none, or only one that writes files."""
    import keyring

    try:
        found = keyring.get_keyring()
    except Exception:  # noqa: BLE001  a broken backend is none
        return None
    candidates = getattr(found, "backends", [found])  # a chain of several
    return next((one for one in candidates if type(one).__module__ in SAFE), None)
