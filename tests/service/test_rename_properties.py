"""Whatever versions a secret has: a rename keeps numbers, values, authors, times, reasons, settings, foreign keys."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import NotFound
from adapter.model.address import Address
from adapter.model.records import Origin, VersionRecord
from adapter.provision.people import adapter_credentials
from adapter.service.acting import ActingIdentity
from adapter.service.app import Act, Services
from adapter.service.moving import move_secret
from adapter.service.versions import history
from adapter.vault import Caller, Vault
from adapter.vault.answers import Metadata
from adapter.vault.kv import KvStore
from tests.conftest import WANTED
from tests.support.server import People, Server

PLACE = "environment/production"

printable = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=40)
values = st.one_of(printable, st.integers(-(2**31), 2**31), st.lists(printable, max_size=3))


@dataclass(frozen=True)
class Version:
    """`record` None: as the CLI writes."""

    fields: dict[str, Any]
    record: VersionRecord | None
    state: str


records = st.builds(
    VersionRecord,
    by=printable,
    at=st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z"),
    op=st.sampled_from([Origin.CREATED, Origin.UPDATED, Origin.ROLLED_BACK]),
    why=st.one_of(st.just(""), printable),
    source=st.one_of(st.none(), st.integers(1, 9)),
)
versions = st.builds(
    Version,
    fields=st.dictionaries(printable, values, max_size=3),
    record=st.one_of(st.none(), records),
    state=st.sampled_from(["live", "live", "deleted", "destroyed"]),
)
foreign = st.dictionaries(printable.map(lambda text: f"x-{text}"), printable, max_size=4)


@pytest.fixture(scope="module")
def credentials(server: Server, people: People) -> Any:
    async def ask() -> Any:
        async with server.vault() as vault:
            return await adapter_credentials(vault, server.token, WANTED)

    return asyncio.run(ask())


@settings(max_examples=10, deadline=None)
@given(
    made=st.lists(versions, min_size=1, max_size=5),
    before=st.sampled_from([0, 0, 3, 30]),
    custom=foreign,
    keeps=st.sampled_from([0, 5, 40]),
)
def test_a_history_survives(
    server: Server,
    people: People,
    credentials: Any,
    made: list[Version],
    before: int,
    custom: dict[str, str],
    keeps: int,
) -> None:
    async def run() -> None:
        async with server.vault() as vault:
            identity = ActingIdentity(vault, *credentials)
            act = Services(vault, acting=identity).act(Caller(people["developer"].token, reason="why"))
            name = secrets.token_hex(6)
            old, new = Address(f"{PLACE}/p{name}"), Address(f"{PLACE}/q{name}")
            await store_all(vault, server, old, made, before, custom, keeps)
            await check(act, KvStore(vault.session(Caller(server.token))), old, new)

    asyncio.run(run())


async def store_all(
    vault: Vault, server: Server, old: Address, made: list[Version], before: int, custom: dict[str, str], keeps: int
) -> None:
    """`before` versions of the CLI's, then those that are `made`."""
    store = KvStore(vault.session(Caller(server.token)))
    kept = {f"v{before + n}": version.record.encode() for n, version in enumerate(made, 1) if version.record}
    await store.create_custom(old, {"type": "custom", **custom, **kept})
    await store.patch_settings(old, {"max_versions": keeps})
    for number in range(before):
        await store.write_stored(old, {"value": f"early {number}"}, cas=number)
    for number, version in enumerate(made, before):
        await store.write_stored(old, version.fields, cas=number)
    for number, version in enumerate(made, before + 1):
        if version.state != "live":
            await store.change_versions({"deleted": "delete"}.get(version.state, "destroy"), old, number)


async def fields(store: KvStore, address: Address, entry: Metadata) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number in entry.versions:
        try:
            found[number] = await store.stored(address, int(number))
        except NotFound:
            found[number] = None
    return found


async def check(act: Act, store: KvStore, old: Address, new: Address) -> None:
    entry, told = await store.metadata(old), await history(act, old)
    stored = await fields(store, old, entry)
    await move_secret(act, old, new)
    now = await store.metadata(new)
    assert await fields(store, new, now) == stored
    assert list(now.versions) == list(entry.versions)
    assert (now.current_version, now.max_versions) == (entry.current_version, entry.max_versions)
    gone = {"deleted": "destroyed"}
    assert await history(act, new) == [
        version.model_copy(update={"state": gone.get(version.state, version.state)}) for version in told
    ]
    assert entry.custom.items() <= now.custom.items()
    assert set(now.custom) - set(entry.custom) <= {"renamed", "renamed_from", "created_at", "copied_times"}
    with pytest.raises(NotFound):
        await store.metadata(old)
