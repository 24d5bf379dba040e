"""What a caller sent for a secret, checked and turned into what is stored."""

from __future__ import annotations

from adapter.errors import Conflict, Invalid
from adapter.model import details
from adapter.model.address import PRODUCTION, Scope, ScopeKind
from adapter.model.intents import PREFIX
from adapter.model.records import Origin, VersionRecord, iso, keys_to_prune
from adapter.model.wire import SecretCreate, SecretPatch
from adapter.service.app import Act
from adapter.vault.answers import Metadata

METADATA_KEYS = 64
"""The most keys that Vault takes in `custom_metadata`; it checks each request alone, so the sum is checked here."""

OWN_ROOM = 2
"""The keys that a new version needs: its intent, then its record."""

DETAILS = frozenset({"description", "expires_at", "rotate_every", "tags", "usage"})

Changes = dict[str, str | None]


def named_scope(body: SecretPatch) -> Scope | None:
    """The scope that a change names; None when it names none: null means that it stays. Raises Invalid."""
    if body.scope is None and body.environment is None:
        return None
    return chosen_scope(body.scope, body.environment)


def chosen_scope(scope: str | None, environment: str | None) -> Scope:
    """`scope` when it is given, else the environment, else production. Raises Invalid."""
    if scope is not None:
        return Scope.parse(scope)
    if environment is not None:
        return Scope.parse(f"{ScopeKind.ENVIRONMENT}/{environment}", "environment")
    return PRODUCTION


def checked_details(act: Act, body: SecretCreate | SecretPatch, names: frozenset[str] | set[str]) -> Changes:
    """The details named, as metadata values; None removes one. Raises Invalid."""
    changes: Changes = {}
    if "description" in names:
        changes[details.DESCRIPTION] = details.check_description(body.description or "") or None
    if "expires_at" in names:
        changes[details.EXPIRES_AT] = details.check_expiry(body.expires_at, act.now) if body.expires_at else None
    if "rotate_every" in names:
        changes[details.ROTATE_EVERY] = details.check_interval(body.rotate_every) if body.rotate_every else None
    if "tags" in names:
        changes[details.TAGS] = details.join_tags(body.tags or []) or None
    if "usage" in names:
        changes[details.USAGE] = details.check_usage(body.usage or "") or None
    return changes


async def new_record(act: Act, op: Origin, source: int | None = None) -> VersionRecord:
    """A record of the caller's, of this moment, with the reason that the request carries."""
    return VersionRecord(by=(await act.identity()).name, at=iso(act.now), why=act.reason, op=op, source=source)


def check_key_count(entry: Metadata, changes: Changes) -> None:
    """Raises Invalid when the entry would have more keys than Vault takes, Conflict while others' acts fill it."""
    pruned = keys_to_prune(entry.custom, entry.oldest_version)
    removed = {key for key, value in changes.items() if value is None}
    kept = (entry.custom.keys() | changes.keys()) - removed - set(pruned)
    lasting = [key for key in kept if not key.startswith(PREFIX)]
    if len(lasting) > METADATA_KEYS - OWN_ROOM:
        raise Invalid(
            f"The secret's metadata has {len(lasting)} keys; the limit is {METADATA_KEYS}, two of them for STATUS.",
            hint="Remove keys of your own with: bao kv metadata patch -remove-custom-metadata=KEY …",
        )
    if len(kept) > METADATA_KEYS - OWN_ROOM:
        raise Conflict("Many others are changing this secret in these moments.", hint="Try again shortly.")
