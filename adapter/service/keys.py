"""Encryption keys: list, create, rotate. A key is made and kept by the vault, and nobody ever sees it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from adapter.errors import Exists, NotAllowed, NotFound
from adapter.model.address import Address, Scope, ScopeKind
from adapter.model.keys import KeyCreate, KeySaved, KeyVersion, KeyView, check_key_name
from adapter.model.records import iso, parse_time
from adapter.model.roles import Role
from adapter.service.app import Act
from adapter.service.reasons import check_reason_given
from adapter.service.refusals import explained, place_of
from adapter.vault.policies import KEY_TYPE
from adapter.vault.transit import Key, KeyStore

AT_ONCE = 16


def key_not_found() -> NotFound:
    """The one answer for a key that does not exist and for one that the caller may not see."""
    return NotFound(
        "There is no such encryption key, or none that you may see.",
        hint="Check its name and scope: the list of keys has those that you may see.",
    )


def key_address(key_id: str) -> Address:
    """Raises NotFound for what no key can have as its id."""
    try:
        address = Address.from_id(key_id)
    except NotFound:
        raise key_not_found() from None
    if address.scope is None or "/" in address.name:
        raise key_not_found()
    return address


async def find_key(act: Act, address: Address) -> Key:
    """Raises NotFound, alike for what does not exist and what the caller may not see."""
    try:
        return await KeyStore(act.session).key(address)
    except (NotAllowed, NotFound):
        raise key_not_found() from None


async def list_keys(act: Act, scope: str | None) -> list[KeyView]:
    """The keys that the caller may see, by scope and name."""
    identity = await act.identity()
    scopes = [Scope.parse(scope)] if scope is not None else [Scope.parse(text) for text in sorted(identity.roles)]
    store = KeyStore(act.session)
    gate = asyncio.Semaphore(AT_ONCE)

    async def names(place: Scope) -> list[Address]:
        async with gate:
            try:
                return [Address.of(place, name) for name in await store.names(place)]
            except NotAllowed:  # somebody else's scope looks like an empty one
                return []

    async def look(address: Address) -> KeyView | None:
        async with gate:
            try:
                return view_key(address, await store.key(address))
            except (NotAllowed, NotFound):  # gone between the listing and the look
                return None

    addresses = [address for part in await asyncio.gather(*map(names, scopes)) for address in part]
    found = [key for key in await asyncio.gather(*map(look, addresses)) if key is not None]
    return sorted(found, key=lambda key: (key.scope, key.name))


async def create_key(act: Act, body: KeyCreate) -> KeySaved:
    """A new AES-256-GCM key. Raises Exists, Invalid, NotAllowed, NotFound."""
    address = Address.of(Scope.parse(body.scope), check_key_name(body.name))
    store, place = KeyStore(act.session), place_of(address)
    with explained("Creating encryption keys", place, Role.DEVELOPER):
        await check_reason_given(act, address)
        if await _is_there(store, address):
            raise Exists(
                f"There is already an encryption key of that name in {place}.",
                hint="Choose another name, or rotate the one that is there.",
            )
        try:
            await store.create(address)
        except NotFound:
            raise NotFound(
                f"There is no scope {place}, or it has no place for encryption keys yet.",
                hint=f"An ADMIN adds both: status-secrets provision --scope {place}",
            ) from None
    return await _saved(act, address, f"{address.name}: key created in {place}")


async def _is_there(store: KeyStore, address: Address) -> bool:
    try:
        await store.key(address)
    except NotFound:
        return False
    return True


async def rotate_key(act: Act, address: Address) -> KeySaved:
    """A new version, with which everything is encrypted from now on; earlier ones go on decrypting theirs."""
    await find_key(act, address)
    await check_reason_given(act, address)
    with explained("Rotating encryption keys", place_of(address), Role.DEVELOPER):
        await KeyStore(act.session).rotate(address)
    key = await find_key(act, address)
    return _with(view_key(address, key), f"{address.name}: version {key.latest_version} encrypts from now on")


async def _saved(act: Act, address: Address, message: str) -> KeySaved:
    return _with(view_key(address, await find_key(act, address)), message)


def _with(view: KeyView, message: str) -> KeySaved:
    return KeySaved(**dict(view), message=message)


def view_key(address: Address, key: Key) -> KeyView:
    """What of a key may be shown."""
    scope = address.scope
    versions = [
        KeyVersion(version=int(number), created_at=_moment(made))
        for number, made in key.keys.items()
        if number.isdigit()
    ]
    versions.sort(key=lambda version: -version.version)
    flags = {
        "exportable": key.exportable,
        "plaintext_backup": key.allow_plaintext_backup,
        "deletion_allowed": key.deletion_allowed,
        "other_type": key.type != KEY_TYPE,
    }
    return KeyView(
        id=address.id,
        name=address.name,
        environment=scope.label if scope and scope.kind is ScopeKind.ENVIRONMENT else None,
        scope=str(scope) if scope else "",
        version=key.latest_version,
        created_at=versions[-1].created_at if versions else "",
        rotated_at=versions[0].created_at if versions else "",
        versions=versions,
        flags=[name for name, is_set in flags.items() if is_set],
    )


def _moment(made: object) -> str:
    """A symmetric key's version is its moment in seconds since 1970; another type's names it."""
    if isinstance(made, int):
        return iso(datetime.fromtimestamp(made, UTC))
    named = made.get("creation_time") if isinstance(made, dict) else None
    moment = parse_time(named) if isinstance(named, str) else None
    return iso(moment) if moment else ""
