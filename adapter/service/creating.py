"""Create a secret: its details and first record, then its first value."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from pydantic import SecretStr

from adapter.errors import Conflict, Invalid, NotFound, OutcomeUnknown, StatusError, Unreachable
from adapter.model import details
from adapter.model.address import Address, Scope, normalise_name
from adapter.model.intents import CREATING, Intent
from adapter.model.records import Origin, record_key
from adapter.model.roles import Role
from adapter.model.wire import SecretCreate, SecretSaved
from adapter.secret_types import secret_type
from adapter.service.app import Act
from adapter.service.claiming import claim, taken
from adapter.service.fact_metadata import as_metadata
from adapter.service.fields import DETAILS, Changes, checked_details, chosen_scope, new_record
from adapter.service.listing import view_secret
from adapter.service.reasons import check_reason_given
from adapter.service.refusals import explained
from adapter.service.values import prepare
from adapter.service.writing import finish, was_made
from adapter.vault.policies import SCOPES_FOLDER

REFUSED = "-"


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A creation whose every field has been checked; `intent` becomes the record of version 1."""

    address: Address
    scope: Scope
    fields: dict[str, SecretStr]
    details: dict[str, str]
    intent: Intent

    @property
    def claim(self) -> dict[str, str]:
        """What stands in the entry's metadata before its value."""
        return {**self.details, self.intent.key: self.intent.encode(), CREATING: self.intent.key}

    @property
    def finished(self) -> Changes:
        """What turns the claim into the metadata of a secret that is there, whatever a rival wrote meanwhile."""
        return {**self.details, record_key(1): self.intent.record.encode(), self.intent.key: None, CREATING: None}


async def create_secret(act: Act, body: SecretCreate) -> SecretSaved:
    """Create a secret; the answer carries its value, this once. Raises Exists, Invalid, NotAllowed, TooLarge."""
    new = await check_new(act, body)
    with explained("Creating secrets", str(new.scope), Role.DEVELOPER):
        await check_scope(act, new.scope)
        await check_reason_given(act, new.address)
        await claim(act, new.address, new.claim)
        await _write_first(act, new)
    saved = await view_secret(act, new.address)
    message = f"{saved.name}: version 1 created in {new.scope}"
    return SecretSaved(**(dict(saved) | {"value": new.fields["value"]}), message=message)


async def check_new(act: Act, body: SecretCreate) -> NewSecret:
    """Everything that can be refused without asking Vault. Raises Invalid."""
    name = normalise_name(body.name)
    scope = chosen_scope(body.scope, body.environment)
    prepared = await prepare(act, secret_type(body.type), body)
    record = await new_record(act, Origin.CREATED)
    custom = {details.TYPE: body.type.lower(), details.CREATED_BY: record.by}
    custom |= {key: value for key, value in checked_details(act, body, DETAILS).items() if value is not None}
    custom |= as_metadata(prepared.facts)
    if prepared.expires_at is not None:
        custom.setdefault(details.EXPIRES_AT, prepared.expires_at)
    intent = Intent.of(act.session.caller.request_id, 1, record)
    return NewSecret(Address.of(scope, name), scope, prepared.fields, custom, intent)


async def check_scope(act: Act, scope: Scope) -> None:
    """A scope is there when its entry is. Who may not see the entry is not told whether it exists."""
    try:
        await act.store.metadata(Address(f"{SCOPES_FOLDER}/{scope}"))
    except NotFound:
        raise Invalid.field(
            "scope",
            f"There is no scope {scope}.",
            hint=f"An ADMIN can add it: status-secrets scopes add {scope}",
        ) from None


async def _write_first(act: Act, new: NewSecret) -> None:
    """Version 1, then its record. When Vault's answer got lost, look before it is called undone."""
    try:
        await act.store.write(new.address, new.fields, cas=0)
    except Conflict:
        await _take_back(act, new)
        raise taken(new.scope) from None
    except StatusError as error:
        unsure = isinstance(error, OutcomeUnknown | Unreachable)
        if not (unsure and await was_made(act, new.address, new.intent)):
            await _take_back(act, new)
            raise
    await finish(act, new.address, 1, new.finished)


async def _take_back(act: Act, new: NewSecret) -> None:
    """So that the name is free for the next try, and no version of somebody else's gets this record."""
    with suppress(StatusError):
        await act.store.patch_custom(new.address, {new.intent.key: None, CREATING: REFUSED})
