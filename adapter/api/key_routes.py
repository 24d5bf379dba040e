"""Encryption keys, and what is done with them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adapter.api.caller import SignedInAct, with_reason
from adapter.model.keys import (
    Decrypt,
    DecryptedItems,
    Encrypt,
    EncryptedItems,
    KeyCreate,
    KeySaved,
    KeyView,
    Rewrap,
)
from adapter.model.wire import Reasoned
from adapter.service import encrypting, keys

router = APIRouter(tags=["encryption keys"])


@router.get("/keys")
async def list_keys(act: SignedInAct, scope: str | None = None) -> list[KeyView]:
    """The encryption keys that the caller may see, by scope and name; never a key itself."""
    return await keys.list_keys(act, scope)


@router.post("/keys", status_code=201)
async def create(act: SignedInAct, body: KeyCreate) -> KeySaved:
    """Create an AES-256-GCM key, which the vault makes and never gives away."""
    return await keys.create_key(with_reason(act, body.reason), body)


@router.post("/keys/{key_id}/rotate")
async def rotate(act: SignedInAct, key_id: str, body: Reasoned | None = None) -> KeySaved:
    """A new version of a key; what earlier ones encrypted can still be decrypted."""
    act = with_reason(act, body.reason if body else None)
    return await keys.rotate_key(act, keys.key_address(key_id))


@router.post("/encrypt", response_model_exclude_none=True)
async def encrypt(act: SignedInAct, body: Encrypt, response: Response) -> EncryptedItems:
    """Up to 1 000 plaintexts, each answered on its own, in the same order."""
    response.headers["Cache-Control"] = "no-store"
    return EncryptedItems(results=await encrypting.encrypt(with_reason(act, body.reason), body))


@router.post("/decrypt", response_model_exclude_none=True)
async def decrypt(act: SignedInAct, body: Decrypt, response: Response) -> DecryptedItems:
    """Up to 1 000 ciphertexts, of any version of the key, each answered on its own, in the same order."""
    response.headers["Cache-Control"] = "no-store"
    return DecryptedItems(results=await encrypting.decrypt(with_reason(act, body.reason), body))


@router.post("/rewrap", response_model_exclude_none=True)
async def rewrap(act: SignedInAct, body: Rewrap, response: Response) -> EncryptedItems:
    """Up to 1 000 ciphertexts, encrypted anew with the newest version of the key."""
    response.headers["Cache-Control"] = "no-store"
    return EncryptedItems(results=await encrypting.rewrap(with_reason(act, body.reason), body))
