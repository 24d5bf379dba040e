"""Transit for one caller: a scope's encryption keys, and what is done with them; a key itself never leaves the server.

https://openbao.org/api-docs/secret/transit/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from adapter.errors import NotFound, StatusError
from adapter.model.address import Address, Scope
from adapter.vault import problems
from adapter.vault.answers import Listing, decode_data, unreadable
from adapter.vault.policies import KEY_TYPE, keys_prefix
from adapter.vault.session import VaultSession
from adapter.vault.transport import error_texts

Work = Literal["encrypt", "decrypt", "rewrap"]


class Key(msgspec.Struct, frozen=True):
    """`keys` has the moment of each version, by its number as text; what it holds besides depends on the type."""

    name: str
    type: str
    latest_version: int
    keys: dict[str, Any] = {}
    exportable: bool = False
    allow_plaintext_backup: bool = False
    deletion_allowed: bool = False


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item of a batch, as it is sent."""

    plaintext: str | None = None
    ciphertext: str | None = None
    associated_data: str | None = None

    def __repr__(self) -> str:
        return "Item(…)"


class Result(msgspec.Struct, frozen=True):
    """One item's answer; `error` is Vault's own text, to be looked at and never passed on."""

    plaintext: str = ""
    ciphertext: str = ""
    key_version: int | None = None
    error: str = ""

    def __repr__(self) -> str:
        return "Result(…)"


class _Results(msgspec.Struct):
    batch_results: list[Result] | None = None


class KeyStore:
    """One caller's view of the keys' mounts. What a policy refuses raises VaultRefusal."""

    def __init__(self, session: VaultSession) -> None:
        self._session = session

    def _mount(self, scope: Scope) -> str:
        return f"{keys_prefix(self._session.vault.mount)}/{scope}"

    def _place(self, address: Address) -> tuple[str, str]:
        """The mount and the key's name. Raises NotFound for an address that no key can have."""
        if address.scope is None or "/" in address.name:
            raise NotFound("There is no such encryption key.", hint="Check its name and scope.")
        return self._mount(address.scope), address.name

    async def names(self, scope: Scope) -> list[str]:
        """The keys of a scope; empty when it has none, or no mount for them yet."""
        try:
            _, content = await self._session.send("LIST", self._mount(scope), "keys")
        except NotFound:
            return []
        return decode_data(content, Listing).keys

    async def key(self, address: Address) -> Key:
        """Raises NotFound."""
        mount, name = self._place(address)
        _, content = await self._session.send("GET", mount, "keys", name)
        return decode_data(content, Key)

    async def create(self, address: Address) -> None:
        """Silent when there is a key of that name: it stays as it is. Raises NotFound without the scope's mount."""
        mount, name = self._place(address)
        await self._session.send("POST", mount, "keys", name, body={"type": KEY_TYPE})

    async def rotate(self, address: Address) -> None:
        mount, name = self._place(address)
        await self._session.send("POST", mount, "keys", name, "rotate", body={})

    async def work(self, work: Work, address: Address, items: Sequence[Item]) -> list[Result]:
        """Every item's result, in order; an item that fails does not hold up the others."""
        mount, name = self._place(address)
        body: dict[str, Any] = {"batch_input": msgspec.to_builtins(items)}
        if work != "rewrap":
            body["partial_failure_response_code"] = 200
        status, content = await self._session.send("POST", mount, work, name, body=body, ok=frozenset({400}))
        results = _decode(content)
        if results is None:
            raise _failure(status, content)
        if len(results) != len(items):
            raise unreadable()
        return results


def _decode(content: bytes) -> list[Result] | None:
    """A batch of which every item failed is answered 400, with the results all the same."""
    try:
        return decode_data(content, _Results).batch_results
    except StatusError:
        return None


def _failure(status: int, content: bytes) -> StatusError:
    return problems.from_status(status, error_texts(content)) if status >= 400 else unreadable()
