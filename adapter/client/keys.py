"""The calls about encryption keys."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter

from adapter.client.calls import Calls, typed, why
from adapter.model.keys import (
    CiphertextItem,
    Decrypt,
    DecryptedItem,
    DecryptedItems,
    Encrypt,
    EncryptedItem,
    EncryptedItems,
    KeyCreate,
    KeySaved,
    KeyView,
    PlaintextItem,
    Rewrap,
)

_KEYS = TypeAdapter(list[KeyView])


class Keys(Calls):
    async def keys(self, *, scope: str | None = None) -> list[KeyView]:
        """Every encryption key that the caller may see, sorted by scope and name."""
        return typed(_KEYS, await self._send("GET", "keys", params={"scope": scope} if scope else None))

    async def create_key(self, name: str, scope: str, *, reason: str | None = None) -> KeySaved:
        body = KeyCreate(name=name, scope=scope, **({"reason": reason} if reason else {}))
        return await self._call("POST", "keys", KeySaved, body=body)

    async def rotate_key(self, key_id: str, *, reason: str | None = None) -> KeySaved:
        """A new version; what earlier ones encrypted can still be decrypted."""
        return await self._call("POST", f"keys/{key_id}/rotate", KeySaved, body=why(reason))

    async def encrypt(self, key_id: str, items: Sequence[PlaintextItem]) -> list[EncryptedItem]:
        """Up to 1 000 items, each answered on its own: look at `error`."""
        body = Encrypt(key=key_id, items=list(items))
        return (await self._call("POST", "encrypt", EncryptedItems, body=body, repeat=True)).results

    async def decrypt(self, key_id: str, items: Sequence[CiphertextItem]) -> list[DecryptedItem]:
        """Up to 1 000 items, each answered on its own: look at `error`."""
        body = Decrypt(key=key_id, items=list(items))
        return (await self._call("POST", "decrypt", DecryptedItems, body=body, repeat=True)).results

    async def rewrap(self, key_id: str, items: Sequence[CiphertextItem]) -> list[EncryptedItem]:
        """Up to 1 000 ciphertexts, encrypted anew with the newest version of the key."""
        body = Rewrap(key=key_id, items=list(items))
        return (await self._call("POST", "rewrap", EncryptedItems, body=body, repeat=True)).results
