"""The bodies of the calls about encryption keys. Plaintexts and associated data are base64 throughout."""

from __future__ import annotations

from adapter.errors import Invalid
from adapter.model.address import normalise_name
from adapter.model.text import describe_character
from adapter.model.wire import Answer, Reasoned, Revealed, Wire

KEY = "KEY"
"""What stands where a secret has its type."""

MOST_ITEMS = 1000


class KeyCreate(Reasoned):
    name: str
    scope: str


class KeyVersion(Answer):
    version: int
    created_at: str


class KeyView(Answer):
    """An encryption key, never its material. `versions`: newest first, those that still decrypt.

    `flags` names what no key of ours has: `exportable`, `plaintext_backup`, `deletion_allowed`, `other_type`.
    """

    id: str
    name: str
    type: str = KEY
    environment: str | None
    scope: str
    version: int
    created_at: str
    rotated_at: str
    versions: list[KeyVersion] = []
    flags: list[str] = []


class KeySaved(KeyView):
    """A key after a change, with a sentence of what happened."""

    message: str


class PlaintextItem(Wire):
    """`aad`, associated data, must be given again to decrypt; the ciphertext does not hold it."""

    plaintext: Revealed
    aad: str | None = None


class CiphertextItem(Wire):
    ciphertext: str
    aad: str | None = None


class Encrypt(Reasoned):
    """`key` is a key's id."""

    key: str
    items: list[PlaintextItem]


class Decrypt(Reasoned):
    key: str
    items: list[CiphertextItem]


class Rewrap(Decrypt):
    """Ciphertexts of earlier versions, to be encrypted anew with the newest."""


class ItemAnswer(Answer):
    """`error` is a problem's code, `message` its sentence; both absent where the item came out well."""

    error: str | None = None
    message: str | None = None


class EncryptedItem(ItemAnswer):
    ciphertext: str | None = None
    key_version: int | None = None


class DecryptedItem(ItemAnswer):
    plaintext: Revealed | None = None


class EncryptedItems(Answer):
    """In the order of what was sent."""

    results: list[EncryptedItem]


class DecryptedItems(Answer):
    results: list[DecryptedItem]


def check_key_name(name: str) -> str:
    """A new key's name, normalised as a secret's. Raises Invalid; Transit takes no name that ends in `.` or `-`."""
    text = normalise_name(name)
    if text[-1] in ".-":
        raise Invalid.field(
            "name",
            f"The name of a key may not end with {describe_character(text[-1])}.",
            hint="It ends with a lower-case letter, a digit or '_'.",
        )
    return text
