"""Backup and restore of secrets, at the service: what is kept, what is told apart, and every point to be killed at."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.errors import Conflict, Invalid, NotAllowed
from adapter.model.access import ScopeSave
from adapter.model.address import Address, Scope
from adapter.model.backup import (
    End,
    Head,
    Line,
    SavedScope,
    SavedSecret,
    SavedVersion,
    Settings,
    decode_line,
    encode_line,
)
from adapter.model.records import VersionRecord, iso, parse_time
from adapter.model.wire import SecretCreate, SecretPatch, VersionView
from adapter.provision.people import adapter_credentials
from adapter.service.acting import ActingIdentity
from adapter.service.app import Act, Services
from adapter.service.backing_up import back_up
from adapter.service.changing import delete_secret, edit_secret
from adapter.service.creating import create_secret
from adapter.service.doctor import unfinished
from adapter.service.restored import restored_records
from adapter.service.restoring import Outcome, restore_scope, restore_secret
from adapter.service.retiring import retire_scope
from adapter.service.retrieval import serve, wrap
from adapter.service.scopes import RETIRING, entry_of, save_scope
from adapter.service.versions import change_state, history
from adapter.service.views import view
from adapter.settings import load_settings
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.conftest import WANTED
from tests.support.kill import KillPoint, killed_at
from tests.support.server import People, Server

SCOPE = Scope.parse("environment/development")
CANARY = "c4n4ry-b4ckup"
MOST_REQUESTS = 30


def place(name: str) -> Address:
    return Address.of(SCOPE, name)


class Acts:
    """Each person's acts, by an adapter with an identity of its own."""

    def __init__(self, services: Services, people: People) -> None:
        self._services, self._people = services, people

    def of(self, who: str, reason: str = "") -> Act:
        return self._services.act(Caller(self._people[who].token, reason=reason, client="backup"))

    @property
    def store(self) -> KvStore:
        return self.of("admin").store


@pytest.fixture
async def acts(server: Server, people: People) -> AsyncIterator[Acts]:
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
        yield Acts(Services(vault, acting=ActingIdentity(vault, role_id, secret_id)), people)


async def make(acts: Acts, name: str, *values: str) -> Address:
    """A secret of the developer's with these versions."""
    first, *others = values or ("1", "2", "3")
    body = SecretCreate(name=name, type="PASSWORD", value=SecretStr(first), scope=str(SCOPE), tags=["a"], usage="u")
    await create_secret(acts.of("developer", "reason 1"), body)
    for number, value in enumerate(others, 2):
        await edit_secret(acts.of("developer", f"reason {number}"), place(name), SecretPatch(value=SecretStr(value)))
    return place(name)


async def lines_of(acts: Acts, scope: Scope = SCOPE, who: str = "admin") -> list[Line]:
    """A backup, through its own encoding."""
    made = back_up(acts.of(who, "nightly"), [scope])
    return [decode_line(encode_line(line)) async for line in made]


async def saved_of(acts: Acts, address: Address) -> SavedSecret:
    found = [line for line in await lines_of(acts) if isinstance(line, SavedSecret) and line.path == address.path]
    assert len(found) == 1
    return found[0]


async def restored(acts: Acts, saved: SavedSecret, *, dry_run: bool = False) -> Outcome:
    return await restore_secret(acts.of("admin", "after the fire"), saved, dry_run=dry_run)


async def values(store: KvStore, address: Address) -> dict[int, Any]:
    entry = await store.metadata(address)
    live = [int(number) for number, one in entry.versions.items() if not one.destroyed and not one.deletion_time]
    return {number: await store.stored(address, number) for number in sorted(live)}


async def test_all_that_the_vault_keeps_comes_back(acts: Acts, fresh: str) -> None:
    address = await make(acts, fresh)
    await acts.store.patch_custom(address, {"own-key": "ünï"})
    await change_state(acts.of("admin"), address, 1, "destroy")
    before = await acts.store.metadata(address)
    saved = await saved_of(acts, address)
    assert CANARY not in repr(saved)
    await delete_secret(acts.of("admin"), address)
    assert await restored(acts, saved, dry_run=True) == Outcome("create", address.path, "versions 1 to 3")
    await restored(acts, saved)
    after = await acts.store.metadata(address)
    assert (await values(acts.store, address)) == {2: {"value": "2"}, 3: {"value": "3"}}
    assert after.versions["1"].destroyed
    known = {number: VersionRecord.decode(after.custom[f"v{number}"]) for number in (1, 2, 3)}
    for number, record in known.items():
        original = VersionRecord.decode(before.custom[f"v{number}"])
        assert record
        assert original
        assert (record.by, record.at, record.why) == (original.by, original.at, f"reason {number}")
        assert record.op == "restored"
    details = {key: text for key, text in before.custom.items() if not key.startswith("v")}
    details["created_at"] = iso(parse_time(before.created_time))  # type: ignore[arg-type]
    assert {key: text for key, text in after.custom.items() if not key.startswith("v")} == details
    assert (await restored(acts, saved)).kind == "same"
    shown = await history(acts.of("viewer"), address)
    assert [one.created_at for one in shown] == [known[n].at for n in (3, 2, 1)]  # type: ignore[union-attr]
    assert {one.created_by for one in shown} == {view(address, after, acts.of("viewer").now).created_by}


async def test_what_the_cli_wrote_comes_back_as_it_was(acts: Acts, fresh: str) -> None:
    address = place(f"Größe {fresh}~x/inner")
    data = {"number": 7, "float": 1.5, "flag": True, "nothing": None, "deep": {"list": [1, "two", {}]}, "text": CANARY}
    await acts.store.write_stored(address, data, cas=0)
    await acts.store.write_stored(address, {"value": "plain"}, cas=1)
    saved = await saved_of(acts, address)
    await acts.store.delete_all(address)
    assert (await restored(acts, saved)).kind == "create"
    assert await values(acts.store, address) == {1: data, 2: {"value": "plain"}}
    shown = await history(acts.of("viewer"), address)
    assert [(one.origin, one.created_by, one.flags) for one in shown] == [("restored", None, ["record_missing"])] * 2


async def test_numbering_settings_and_a_long_history(acts: Acts, fresh: str) -> None:
    address = place(fresh)
    await acts.store.create_custom(address, {"type": "custom"}, {"max_versions": 3, "cas_required": True})
    for number in range(1, 24):  # the mount keeps 20, and the larger of the two holds
        await acts.store.write_stored(address, {"value": str(number)}, cas=number - 1)
    await acts.of("admin").store.patch_custom(address, {}, settings={"delete_version_after": "720h"})
    saved = await saved_of(acts, address)
    assert (saved.current_version, [one.version for one in saved.versions]) == (23, list(range(4, 24)))
    await acts.store.delete_all(address)
    await restored(acts, saved)
    after = await acts.store.metadata(address)
    assert (after.current_version, sorted(map(int, after.versions))) == (23, list(range(4, 24)))
    assert (after.max_versions, after.cas_required, after.delete_version_after) == (3, True, "720h0m0s")
    assert await live_values(acts, address) == {number: {"value": str(number)} for number in range(4, 24)}


async def live_values(acts: Acts, address: Address) -> dict[int, Any]:
    entry = await acts.store.metadata(address)
    return {int(number): await acts.store.stored(address, int(number)) for number in entry.versions}


async def test_fillers_keep_the_numbering_and_hold_nothing(acts: Acts, fresh: str) -> None:
    """Only the newest versions are in the backup, and the mount keeps more than that."""
    address = await make(acts, fresh, *map(str, range(1, 6)))
    saved = await saved_of(acts, address)
    short = SavedSecret(
        saved.path, saved.created_at, saved.updated_at, 5, saved.custom_metadata, saved.settings, saved.versions[3:]
    )
    await acts.store.delete_all(address)
    await restored(acts, short)
    after = await acts.store.metadata(address)
    assert [number for number, one in sorted(after.versions.items()) if one.destroyed] == ["1", "2", "3"]
    assert await values(acts.store, address) == {4: {"value": "4"}, 5: {"value": "5"}}
    assert (await restored(acts, short)).kind == "same"


async def test_nothing_that_is_there_is_replaced(acts: Acts, fresh: str) -> None:
    address = await make(acts, fresh)
    saved = await saved_of(acts, address)
    developer = acts.of("developer", "since")
    await edit_secret(developer, address, SecretPatch(description="since"))
    await edit_secret(developer, address, SecretPatch(value=SecretStr("4")))
    found = await restored(acts, saved)
    assert (found.kind, found.words) == ("differs", "it has version 4 since; description stay as they are there")
    assert (await acts.store.metadata(address)).current_version == 4

    await acts.store.delete_all(address)
    await make(acts, fresh, "1", "another")
    found = await restored(acts, saved)
    assert (found.kind, "version 2" in found.words) == ("conflict", True)
    assert await values(acts.store, address) == {1: {"value": "1"}, 2: {"value": "another"}}


async def test_missing_versions_are_added(acts: Acts, fresh: str) -> None:
    address = await make(acts, fresh)
    saved = await saved_of(acts, address)
    await acts.store.delete_all(address)
    await make(acts, fresh, "1")
    assert "versions 2 to 3 added" in (await restored(acts, saved, dry_run=True)).words
    assert (await acts.store.metadata(address)).current_version == 1
    await restored(acts, saved)
    shown = await history(acts.of("viewer"), address)
    assert [(one.version, one.origin, one.reason) for one in shown] == [
        (3, "restored", "reason 3"),
        (2, "restored", "reason 2"),
        (1, "created", "reason 1"),
    ]
    assert "restoring" not in (await acts.store.metadata(address)).custom
    assert (await restored(acts, saved)).kind == "same"


async def test_a_half_restored_secret_hands_out_nothing(acts: Acts, fresh: str) -> None:
    address = await make(acts, fresh)
    saved = await saved_of(acts, address)
    await acts.store.patch_custom(address, {"restoring": "{}"})
    for asked in (serve(acts.of("admin"), address), wrap(acts.of("admin"), address, None, "60s")):
        with pytest.raises(Conflict, match="being restored"):
            await asked
    assert view(address, await acts.store.metadata(address), acts.of("viewer").now).flags == ["restoring"]
    found = [finding.what for finding in await unfinished.look(acts.of("admin"), load_settings())]
    assert [what for what in found if address.path in what] == [  # others may have left something, too
        f"{address.path}: a restore ended before all its versions were back."
    ]
    assert (await restored(acts, saved)).kind == "create"
    assert (await serve(acts.of("admin"), address)).version == 3


async def test_on_a_server_without_a_bulk_listing(server: Server, people: People, fresh: str) -> None:
    """As HashiCorp Vault is: listed entry by entry, and no check-and-set of metadata."""
    async with server.vault(kind="vault") as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
        acts = Acts(Services(vault, acting=ActingIdentity(vault, role_id, secret_id)), people)
        address = await make(acts, fresh)
        saved = await saved_of(acts, address)
        await acts.store.delete_all(address)
        assert (await restored(acts, saved)).kind == "create"
        assert await values(acts.store, address) == {n: {"value": str(n)} for n in (1, 2, 3)}
        assert (await restored(acts, saved)).kind == "same"


async def test_a_deleted_version_is_told_as_such(acts: Acts, fresh: str) -> None:
    address = await make(acts, fresh)
    await change_state(acts.of("developer"), address, 2, "delete")
    saved = await saved_of(acts, address)
    assert [(one.state, one.data) for one in saved.versions][1] == ("deleted", None)
    assert (await restored(acts, saved)).kind == "same"
    await change_state(acts.of("developer"), address, 2, "undelete")
    assert (await restored(acts, saved)).words == "version 2 is there still"


async def test_only_an_admin_backs_up_and_restores(acts: Acts, fresh: str) -> None:
    address = await make(acts, fresh)
    saved = await saved_of(acts, address)
    for who in ("viewer", "developer", "outsider"):
        with pytest.raises(NotAllowed):
            await lines_of(acts, who=who)
        await acts.store.delete_all(address)
        with pytest.raises(NotAllowed):
            await restore_secret(acts.of(who), saved, dry_run=False)
        await restored(acts, saved)


async def test_the_mark_of_a_retirement_does_not_come_back(acts: Acts) -> None:
    """A scope that was saved while it was being retired is a whole one once it is restored."""
    scope = Scope.parse("custom/saved-while-retired")
    await save_scope(acts.of("admin"), ScopeSave(scope=str(scope), require_reason=True))
    await acts.store.patch_custom(entry_of(scope), {RETIRING: "true"})
    (saved,) = [line for line in await lines_of(acts, scope) if isinstance(line, SavedScope)]
    assert saved.custom_metadata["require_reason"] == "true"
    assert RETIRING not in saved.custom_metadata
    await retire_scope(acts.of("admin"), scope)
    old = SavedScope(saved.scope, saved.custom_metadata | {RETIRING: "true", "pending_0123456789ab": "{}"})
    assert (await restore_scope(acts.of("admin"), old, dry_run=False)).kind == "create"
    assert (await acts.store.metadata(entry_of(scope))).custom == saved.custom_metadata
    assert (await restore_scope(acts.of("admin"), old, dry_run=True)).kind == "same"
    await retire_scope(acts.of("admin"), scope)


async def test_a_scope_that_is_not_there(acts: Acts) -> None:
    with pytest.raises(Invalid, match=r"no scope custom/absent"):
        await lines_of(acts, Scope.parse("custom/absent"))


async def test_the_log_tells_a_backup_from_a_use(server: Server, acts: Acts, fresh: str) -> None:
    if server.audit_log is None:
        pytest.skip("the log of a server that was given is not ours to read")
    address = await make(acts, fresh)
    start = server.audit_log.stat().st_size
    saved = await saved_of(acts, address)
    await acts.store.delete_all(address)
    await restored(acts, saved)
    with server.audit_log.open("rb") as log:
        log.seek(start)
        asked = [line for line in map(json.loads, log) if line["type"] == "request"]
    values_of = [line for line in asked if line["request"]["path"] == f"status/data/{address.path}"]
    assert len(values_of) == 6
    assert [line["auth"]["metadata"]["act"] for line in values_of] == ["backed_up"] * 3 + ["restored"] * 3
    assert {line["auth"]["metadata"]["secret"] for line in values_of} == {address.path}
    intents = [line for line in asked if line["request"]["path"] == f"status/metadata/.scopes/{SCOPE}"]
    assert [line["request"]["operation"] for line in intents].count("patch") == 4, "the intent of each"
    assert not [key for key in (await acts.store.metadata(Address(f".scopes/{SCOPE}"))).custom if key[:4] == "pend"]


async def test_a_backup_that_was_ended_leaves_no_intent_for_ever(acts: Acts) -> None:
    entry = Address(f".scopes/{SCOPE}")
    note = {"act": "backed_up", "versions": [], "by": "somebody", "at": "2026-01-01T00:00:00.000Z"}
    await acts.store.patch_custom(entry, {"pending_old": json.dumps(note)})
    await lines_of(acts)
    assert "pending_old" not in (await acts.store.metadata(entry)).custom


def test_records_that_grow_are_cut_at_their_reason() -> None:
    full = json.dumps({"by": "a", "at": "2026-01-01", "why": '"' * 230, "op": "created"}, separators=(",", ":"))
    assert len(full) == 512
    versions = [SavedVersion(1, "2026-01-01T00:00:00Z", data={})]
    saved = SavedSecret("a/b", "", "", 1, {"v1": full}, Settings(), versions)
    record = VersionRecord.decode(restored_records(saved, 1)["v1"])
    assert record is not None
    assert (record.op, record.why[-1], record.by) == ("restored", "…", "a")


def test_lines_of_something_else() -> None:
    for text in (b"", b"[]", b'{"kind": "other"}', b"\xff", b'{"kind":"secret"}', b"[" * 100_000):
        with pytest.raises(Invalid, match="something else"):
            decode_line(text)
    newer = encode_line(Head("a", "", "", "", "", None, version=2))
    with pytest.raises(Invalid, match="version 2"):
        decode_line(newer)
    assert decode_line(b'{"kind":"end","secrets":1,"versions":2,"later":true}') == End(1, 2)


def test_killed_at_every_request(server: Server, people: People) -> None:
    """What is there then is finished by the next restore: each version once, with its author, and no mark left."""

    async def with_acts(step: Any) -> Any:
        async with server.vault() as vault:
            return await step(Acts(Services(vault, acting=ActingIdentity(vault, *adapter)), people))

    async def credentials() -> Any:
        async with server.vault() as vault:
            return await adapter_credentials(vault, server.token, WANTED)

    adapter = asyncio.run(credentials())

    async def prepared(acts: Acts) -> SavedSecret:
        address = await make(acts, f"k{secrets.token_hex(6)}", "1", "2")
        await change_state(acts.of("admin"), address, 1, "destroy")
        saved = await saved_of(acts, address)
        await acts.store.delete_all(address)
        return saved

    async def look(acts: Acts, saved: SavedSecret) -> None:
        address = Address(saved.path)
        await restored(acts, saved)
        shown: list[VersionView] = await history(acts.of("viewer"), address)
        assert [(one.version, one.reason, one.state) for one in shown] == [
            (2, "reason 2", "current"),
            (1, "reason 1", "destroyed"),
        ]
        assert {one.created_by for one in shown} == {people["developer"].name}
        assert await values(acts.store, address) == {2: {"value": "2"}}
        custom = (await acts.store.metadata(address)).custom
        assert not [key for key in custom if key.startswith(("restoring", "pending"))]
        assert (await restored(acts, saved)).kind == "same"
        await acts.store.delete_all(address)

    kills = 0
    for point in [KillPoint(number, after) for number in range(1, MOST_REQUESTS) for after in (False, True)]:
        saved = asyncio.run(with_acts(prepared))

        def act(act: Act, saved: SavedSecret = saved) -> Any:
            return restore_secret(act, saved, dry_run=False)

        killed = killed_at(point, server, people["admin"], "after the fire", act, adapter)
        asyncio.run(with_acts(lambda acts, saved=saved: look(acts, saved)))
        kills += killed
        if not killed:
            break
    assert kills >= 20
