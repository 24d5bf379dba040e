"""A value as its type takes it: what is stored, and the public facts about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model import details
from adapter.model.wire import TypeFields
from adapter.secret_types import Prepared, SecretType, Submission, secret_type, types
from adapter.service.app import Act
from adapter.service.fact_metadata import as_metadata, from_metadata, keys_of
from adapter.service.fields import Changes
from adapter.vault.answers import Metadata
from adapter.vault.kv import check_size

TYPE_FIELDS = ("private_key", "chain", "public_key", "passphrase")
OPTIONS = ("allow_expired", "min_strength", "rule")
RULE = "rule"

TEXT_TYPES = frozenset({"PASSWORD", "API_KEY", "TOKEN", "CUSTOM", "OTHER"})
"""The types that any text satisfies, so that one can become another without a look at the value."""


def names_of_values(names: set[str]) -> set[str]:
    """Which of a body's fields make a new version."""
    return names & {"value", "fields", *TYPE_FIELDS, *OPTIONS}


async def prepare(act: Act, kind: SecretType, body: TypeFields, rule: str | None = None) -> Prepared:
    """What is stored for a body; `rule` is the one that the secret has. Raises Invalid, TooLarge.

    In a thread of its own: reading a key with a passphrase takes a while on purpose.
    """
    fields = dict(body.fields or {})
    for name in TYPE_FIELDS:
        text = getattr(body, name)
        if text is not None:
            fields[name] = text
    options = {name: getattr(body, name) for name in OPTIONS if getattr(body, name) is not None}
    if rule is not None and RULE in kind.OPTIONS:
        options.setdefault(RULE, rule)
    prepared = await asyncio.to_thread(kind.prepare, Submission(body.value, fields, options), act.now)
    check_size(prepared.fields)
    return prepared


def fact_changes(prepared: Prepared) -> Changes:
    """The facts of this value, and the removal of those that an earlier value or type left."""
    known = keys_of(fact for kind in set(types().values()) for fact in kind.FACTS)
    return dict.fromkeys(known, None) | as_metadata(prepared.facts)


async def facts_of_stored(act: Act, entry: Metadata, fields: Mapping[str, SecretStr]) -> Changes:
    """The public facts of a version that is copied for somebody who may not read it.

    Type and rule stand in metadata that this person may have written, so nothing that shows in the metadata may
    depend on a value that is not public by its nature: no rule is looked at, and only certificates and keys have facts.
    """
    kind = type_of(entry)
    known = keys_of(kind.FACTS) - {RULE}
    if not known:
        return {}
    options: dict[str, object] = {"allow_expired": True} if "allow_expired" in kind.OPTIONS else {}
    facts: Changes = dict.fromkeys(known, None)
    with suppress(Invalid):
        prepared = await asyncio.to_thread(kind.prepare, Submission.of_stored(fields, options), act.now)
        facts |= as_metadata(prepared.facts)
        if prepared.expires_at is not None:
            facts[details.EXPIRES_AT] = prepared.expires_at
    return facts


def new_facts(entry: Metadata, prepared: Prepared) -> Changes:
    """What changes in the metadata with this value: its facts, and its own end as the expiry."""
    ends = {} if prepared.expires_at is None else {details.EXPIRES_AT: prepared.expires_at}
    return ends | {key: value for key, value in fact_changes(prepared).items() if entry.custom.get(key) != value}


def facts_of(entry: Metadata) -> dict[str, str]:
    """The public facts that stand in an entry's metadata, as its type derives them."""
    return from_metadata(entry.custom, type_of(entry).FACTS)


def type_of(entry: Metadata) -> SecretType:
    """The type that an entry names; custom for none, or for one that only the CLI's user knows."""
    name = entry.custom.get(details.TYPE, "")
    return secret_type(name if name.upper() in types() else details.UNCLASSIFIED)


def check_type_change(entry: Metadata, name: str) -> None:
    """Raises Invalid for a type that the value, which nobody may read here, would have to be checked for."""
    now = entry.custom.get(details.TYPE, details.UNCLASSIFIED).upper()
    if secret_type(name) is type_of(entry):
        return
    if now not in TEXT_TYPES or name.upper() not in TEXT_TYPES or RULE in entry.custom:
        raise Invalid.field(
            "type",
            "The value that is stored cannot be checked for this type.",
            hint="Send the value together with the new type.",
        )
