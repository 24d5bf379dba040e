"""Encrypt, decrypt and rewrap in batches: each item is answered on its own."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotFound, StatusError
from adapter.model.address import Address
from adapter.model.keys import (
    MOST_ITEMS,
    CiphertextItem,
    Decrypt,
    DecryptedItem,
    Encrypt,
    EncryptedItem,
    PlaintextItem,
    Rewrap,
)
from adapter.model.roles import Role
from adapter.service.app import Act
from adapter.service.keys import find_key, key_address
from adapter.service.refusals import place_of, refusal
from adapter.vault.problems import VaultRefusal
from adapter.vault.transit import Item, KeyStore, Result, Work

PIECE = 200
"""Items in one request to the vault: OpenBao takes 1 000 strings a request unless it is told otherwise, an item is
up to four."""

PIECES_AT_ONCE = 4

DOING: dict[Work, tuple[str, Role]] = {
    "encrypt": ("Encrypting", Role.DEVELOPER),
    "rewrap": ("Rewrapping", Role.DEVELOPER),
    "decrypt": ("Decrypting", Role.USE),
}

I = TypeVar("I", PlaintextItem, CiphertextItem)  # noqa: E741


async def encrypt(act: Act, body: Encrypt) -> list[EncryptedItem]:
    """The ciphertexts, by the newest version of the key. Raises Invalid, NotAllowed, NotFound."""
    address = _checked(body)
    return [_encrypted(answer) for answer in await _encrypt(act, address, body.items)]


async def _encrypt(act: Act, address: Address, items: Sequence[PlaintextItem]) -> list[Result | StatusError]:
    asked: list[Item | StatusError] = [
        _not_base64(item.plaintext.get_secret_value(), item.aad)
        or Item(plaintext=item.plaintext.get_secret_value(), associated_data=item.aad or None)
        for item in items
    ]
    return await _work(act, "encrypt", address, asked)


async def decrypt(act: Act, body: Decrypt) -> list[DecryptedItem]:
    """The plaintexts, whatever version of the key made them. Raises Invalid, NotAllowed, NotFound."""
    return [_decrypted(answer) for answer in await _decrypt(act, _checked(body), body.items)]


async def _decrypt(act: Act, address: Address, items: Sequence[CiphertextItem]) -> list[Result | StatusError]:
    asked: list[Item | StatusError] = [
        _not_base64("", item.aad) or Item(ciphertext=item.ciphertext, associated_data=item.aad or None)
        for item in items
    ]
    return await _work(act, "decrypt", address, asked)


async def rewrap(act: Act, body: Rewrap) -> list[EncryptedItem]:
    """Each ciphertext as one of the key's newest version; the plaintext stays within the vault.

    The servers' rewrap knows no associated data. An item that has some is decrypted and encrypted with the caller's
    own token, so for those the caller needs to be allowed both.
    """
    address = _checked(body)
    with_aad = [number for number, item in enumerate(body.items) if item.aad]
    plain = [number for number, item in enumerate(body.items) if not item.aad]
    asked: list[Item | StatusError] = [Item(ciphertext=body.items[number].ciphertext) for number in plain]
    answers = dict(zip(plain, await _work(act, "rewrap", address, asked), strict=True))
    answers |= dict(zip(with_aad, await _anew(act, address, [body.items[number] for number in with_aad]), strict=True))
    return [_encrypted(answers[number]) for number in range(len(body.items))]


async def _anew(act: Act, address: Address, items: Sequence[CiphertextItem]) -> list[Result | StatusError]:
    """Decrypted, and encrypted again with the same associated data."""
    try:
        opened = await _decrypt(act, address, items)
    except NotAllowed:
        refused = NotAllowed(
            "The vault rewraps nothing that has associated data, and decrypting it needs the role "
            f"{Role.USE} in {place_of(address)}, which you do not hold.",
            hint="A component that may decrypt rewraps it.",
        )
        return [refused for _ in items]
    good = [
        (number, PlaintextItem(plaintext=SecretStr(answer.plaintext), aad=items[number].aad))
        for number, answer in enumerate(opened)
        if isinstance(answer, Result) and not answer.error
    ]
    closed = await _encrypt(act, address, [item for _, item in good])
    answers = dict(enumerate(opened)) | dict(zip((number for number, _ in good), closed, strict=True))
    return list(answers.values())


def _checked(body: Encrypt | Decrypt) -> Address:
    """Raises Invalid with the limit named, NotFound."""
    if len(body.items) > MOST_ITEMS:
        raise Invalid.field(
            "items",
            f"There are {len(body.items)} items; the limit is {MOST_ITEMS}.",
            hint="Send them in several calls.",
        )
    return key_address(body.key)


def _not_base64(text: str, aad: str | None) -> Invalid | None:
    for label, part in (("plaintext", text), ("associated data", aad or "")):
        try:
            base64.b64decode(part, validate=True)
        except (binascii.Error, ValueError):
            return Invalid(f"The {label} is no base64.", hint="Encode it: standard alphabet, with padding.")
    return None


async def _work(
    act: Act, work: Work, address: Address, asked: Sequence[Item | StatusError]
) -> list[Result | StatusError]:
    """Every item's answer, in order; what was refused beforehand is not sent."""
    sent = [(number, item) for number, item in enumerate(asked) if isinstance(item, Item)]
    answers: list[Result | StatusError] = [item if isinstance(item, StatusError) else Result() for item in asked]
    gate = asyncio.Semaphore(PIECES_AT_ONCE)

    async def piece(part: Sequence[tuple[int, Item]]) -> None:
        async with gate:
            results = await _explained(act, work, address, [item for _, item in part])
        for (number, _), result in zip(part, results, strict=True):
            answers[number] = result

    await asyncio.gather(*(piece(sent[start : start + PIECE]) for start in range(0, len(sent), PIECE)))
    return answers


async def _explained(act: Act, work: Work, address: Address, items: Sequence[Item]) -> list[Result]:
    """A key that is not there is refused by the policies, as one that may not be used: a look tells them apart."""
    try:
        return await KeyStore(act.session).work(work, address, items)
    except VaultRefusal:
        await find_key(act, address)
        doing, role = DOING[work]
        raise refusal(f"{doing} with keys", place_of(address), role) from None
    except (Invalid, NotFound):
        await find_key(act, address)
        raise


def _encrypted(answer: Result | StatusError) -> EncryptedItem:
    if error := _error(answer):
        return EncryptedItem(error=error.code, message=error.detail)
    assert isinstance(answer, Result)
    return EncryptedItem(ciphertext=answer.ciphertext, key_version=answer.key_version)


def _decrypted(answer: Result | StatusError) -> DecryptedItem:
    if error := _error(answer):
        return DecryptedItem(error=error.code, message=error.detail)
    assert isinstance(answer, Result)
    return DecryptedItem(plaintext=SecretStr(answer.plaintext))


def _error(answer: Result | StatusError) -> StatusError | None:
    """What Vault says of an item, in our words."""
    if isinstance(answer, StatusError):
        return answer
    if not answer.error:
        return None
    if "authentication failed" in answer.error:
        return Invalid(
            "The ciphertext was made with another key or with other associated data, or it was changed.", hint=""
        )
    if "too old" in answer.error:
        return Invalid("The version of the key that made this ciphertext may no longer decrypt.", hint="")
    return Invalid("That is no ciphertext of this key.", hint="")
