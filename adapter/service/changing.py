"""Edit a secret's details, update its value, delete it."""

from __future__ import annotations

from contextlib import suppress

from adapter.errors import Invalid, NotAllowed
from adapter.model import details
from adapter.model.address import Address, normalise_name
from adapter.model.records import Origin
from adapter.model.roles import Role
from adapter.model.wire import SecretPatch, SecretSaved
from adapter.secret_types import secret_type
from adapter.service.app import Act
from adapter.service.completing import awaits_this, complete
from adapter.service.fields import Changes, check_key_count, checked_details, named_scope, new_record
from adapter.service.listing import look, view_secret
from adapter.service.moving import check_free, move_secret
from adapter.service.reasons import check_reason_given
from adapter.service.refusals import explained, place_of
from adapter.service.temporary_ends import delete_policies, policies_for
from adapter.service.values import RULE, check_type_change, names_of_values, new_facts, prepare, type_of
from adapter.service.writing import add_version, check_seen, finish_pending
from adapter.vault.answers import Metadata


async def edit_secret(act: Act, address: Address, body: SecretPatch) -> SecretSaved:
    """Change details; a value makes a new version on top of the one that the caller saw (`ifVersion`).

    Another name or scope is the last that changes. Raises Conflict when somebody was faster, Exists, Invalid,
    NotAllowed, NotFound.
    """
    names = body.sent() - {"reason", "if_version"}
    if not names:
        raise Invalid("There is nothing to change.", hint="Send at least one of: value, description, type, tags, …")
    changes = checked_details(act, body, names) | _named_type(body, names)
    to = _destination(address, body, names)
    if to != address:
        return await _edit_and_move(act, address, to, body)
    with explained("Changing secrets", place_of(address), Role.DEVELOPER):
        entry = await finish_pending(act, address, await look(act, address))
        await check_seen(act, address, entry, body.if_version)
        if names_of_values(names):
            version = await _update(act, address, entry, body, changes)
            message = f"{address.name}: version {version} created"
        else:
            if body.type is not None:
                check_type_change(entry, body.type)
            check_key_count(entry, changes)
            if changes:
                await act.store.patch_custom(address, changes, seen=entry)
            message = f"{address.name}: details saved"
    return SecretSaved(**dict(await view_secret(act, address)), message=message)


async def _edit_and_move(act: Act, address: Address, to: Address, body: SecretPatch) -> SecretSaved:
    others = body.sent() - {"reason", "if_version", "name", "scope", "environment"}
    seen = body.if_version
    if others:
        with explained("Changing secrets", place_of(address), Role.DEVELOPER):
            await check_free(act, to)
        stays = {name: getattr(body, name) for name in others | ({"if_version"} if seen is not None else set())}
        await edit_secret(act, address, SecretPatch(**stays))
        seen = None
    await move_secret(act, address, to, seen)
    what = "renamed to" if address.scope == to.scope else f"moved to {to.scope} as"
    message = f"{address.name}: {what} {to.name}; its id is now {to.id}"
    return SecretSaved(**dict(await view_secret(act, to)), message=message)


def _named_type(body: SecretPatch, names: set[str]) -> Changes:
    if "type" not in names:
        return {}
    if body.type is None:
        raise Invalid.field("type", "A secret has a type.", hint="Leave the field out to keep it.")
    secret_type(body.type)
    return {details.TYPE: body.type.lower()}


def _destination(address: Address, body: SecretPatch, names: set[str]) -> Address:
    """Where the secret shall be: null, or the name and scope that it has, mean that it stays. Raises Invalid."""
    if "name" in names and body.name is None:
        raise Invalid.field("name", "A secret has a name.", hint="Leave the field out to keep it.")
    name = address.name if body.name is None or body.name == address.name else normalise_name(body.name)
    scope = named_scope(body) or address.scope
    if scope is not None:
        return Address.of(scope, name)
    if name != address.name:
        hint = "Name the scope that it shall be in."
        raise Invalid.field("scope", "What is outside every scope can only be moved into one.", hint=hint)
    return address


async def _update(act: Act, address: Address, entry: Metadata, body: SecretPatch, changes: Changes) -> int:
    await check_reason_given(act, address)
    kind = secret_type(body.type) if body.type else type_of(entry)
    if awaits_this(entry, kind, body):
        return await complete(act, address, entry, kind, body, changes)
    prepared = await prepare(act, kind, body, entry.custom.get(RULE))
    changes = new_facts(entry, prepared) | changes
    record = await new_record(act, Origin.UPDATED)
    check_key_count(entry, changes)
    return await add_version(
        act,
        address,
        entry,
        record,
        changes,
        lambda: act.store.write(address, prepared.fields, cas=entry.current_version),
    )


async def delete_secret(act: Act, address: Address) -> None:
    """Remove a secret for good, all versions and metadata. Raises NotAllowed, NotFound."""
    with explained("Deleting secrets", place_of(address), Role.ADMIN):
        await look(act, address)
        await check_reason_given(act, address)
        await _end_temporary_access(act, address)
        await act.store.delete_all(address)
        await _end_temporary_access(act, address)  # what was given in these moments


async def _end_temporary_access(act: Act, address: Address) -> None:
    """It is bound to the name, which another secret may have next. Where the caller may not, the doctor tells."""
    with suppress(NotAllowed):
        await delete_policies(act.session, await policies_for(act.session, address))
