"""A certificate that comes for a request that is stored: its private key is kept, by people who may not read it."""

from __future__ import annotations

from adapter.model.address import Address
from adapter.model.records import Origin, records_digest
from adapter.model.wire import TypeFields
from adapter.secret_types import SecretType, secret_type
from adapter.service.app import Act
from adapter.service.copying import Job, check_may_copy, copying_store
from adapter.service.fields import Changes, check_key_count, new_record
from adapter.service.values import new_facts, prepare
from adapter.service.writing import add_version
from adapter.vault.answers import Metadata, Written

PENDING = "pending"
"""The fact of a certificate secret that is a request so far."""

KEPT = ("private_key", "passphrase")


def awaits_this(entry: Metadata, kind: SecretType, body: TypeFields) -> bool:
    """Whether a value without a private key comes for a secret that is a request with one."""
    text = body.value.get_secret_value() if body.value else ""
    brings_key = body.private_key is not None or "PRIVATE KEY-----" in text or "REQUEST-----" in text
    return kind is secret_type("CERTIFICATE") and PENDING in entry.custom and bool(text.strip()) and not brings_key


async def complete(
    act: Act, address: Address, entry: Metadata, kind: SecretType, body: TypeFields, changes: Changes
) -> int:
    """A new version of the certificate with the private key of the request; answers its number.

    The key is read with a token minted for this act, after its intent. Raises Invalid when the certificate is not for
    that key, NotAllowed where nobody can read it for the caller, and as `add_version` does.
    """
    record = await new_record(act, Origin.UPDATED)
    check_key_count(entry, changes)
    found: Changes = {}

    async def write() -> Written:
        await check_may_copy(act, address)
        job = Job("updated", address, records_digest(entry.custom, [entry.current_version]))
        async with copying_store(act, job, address, 1) as store:
            stored = await store.read_version(address, entry.current_version)
        kept = {name: stored[name] for name in KEPT if name in stored and getattr(body, name) is None}
        prepared = await prepare(act, kind, body.model_copy(update=kept))
        found.update(new_facts(entry, prepared) | changes)
        return await act.store.write(address, prepared.fields, cas=entry.current_version)

    return await add_version(act, address, entry, record, found, write)
