"""Renames within a scope and moves to another one over HTTP, on the real server."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapter.errors import NotFound
from adapter.model.address import Address
from adapter.model.records import iso
from adapter.service import moving
from adapter.service.app import Services
from adapter.service.doctor import examine, half_moved
from adapter.settings import Settings
from adapter.vault import Caller
from adapter.vault.answers import Metadata
from adapter.vault.kv import KvStore
from tests.support.server import People, Server

CANARY = "c4n4ry-m0ve"
PLACE = "environment/production"


@asynccontextmanager
async def stored(server: Server) -> AsyncIterator[KvStore]:
    async with server.vault() as vault:
        yield KvStore(vault.session(Caller(server.token)))


async def entry(server: Server, path: str) -> Metadata | None:
    async with stored(server) as store:
        try:
            return await store.metadata(Address(path))
        except NotFound:
            return None


async def values(server: Server, path: str) -> dict[int, str]:
    """What each version that has one holds."""
    found = {}
    async with stored(server) as store:
        for number in (await store.metadata(Address(path))).versions:
            try:
                found[int(number)] = (await store.read_version(Address(path), int(number)))["value"].get_secret_value()
            except NotFound:
                continue
    return found


async def create(api: httpx.AsyncClient, people: People, name: str, versions: int = 1) -> str:
    """The path of a secret whose values tell their number."""
    developer = people["developer"].headers
    body = {"name": name, "type": "PASSWORD", "value": f"{CANARY}-1", "reason": "reason 1", "tags": ["a", "b"]}
    made = await api.post("/secrets", json=body, headers=developer)
    path = f"/secrets/{made.json()['id']}"
    for number in range(2, versions + 1):
        body = {"value": f"{CANARY}-{number}", "reason": f"reason {number}"}
        assert (await api.post(f"{path}/versions", json=body, headers=developer)).is_success
    return path


async def test_a_developer_renames_without_being_able_to_read(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    developer, viewer = people["developer"].headers, people["viewer"].headers
    path = await create(acting, people, fresh, 5)
    await acting.delete(f"{path}/versions/2", headers=developer)
    await acting.post(f"{path}/versions/3/destroy", headers=people["admin"].headers)
    async with stored(server) as store:
        address = Address(f"{PLACE}/{fresh}")
        await store.patch_custom(address, {"owner": "ops", "ticket": "T-1"})
        settings = {"max_versions": 25, "delete_version_after": "720h", "cas_required": True}
        await store.patch_settings(address, settings)
    before = (await acting.get(path, headers=viewer)).json()
    history = (await acting.get(f"{path}/versions", headers=viewer)).json()

    body = {"name": f"{fresh} New", "reason": "a better name"}
    answer = await acting.patch(path, json=body, headers=developer)
    assert answer.status_code == 200, answer.text
    assert CANARY not in answer.text
    after = answer.json()
    assert (after["id"], after["name"]) == (f"environment~production~{fresh}_new", f"{fresh}_new")
    assert after["id"] in after["message"]
    differing = {key for key in before if before[key] != after[key]}
    assert differing == {"id", "name", "updatedAt"}

    now = (await acting.get(f"/secrets/{after['id']}/versions", headers=viewer)).json()
    for old, new in zip(history, now, strict=True):
        assert new == old | {"state": "destroyed" if old["state"] == "deleted" else old["state"]}
    new_path = f"{PLACE}/{fresh}_new"
    assert await values(server, new_path) == {number: f"{CANARY}-{number}" for number in (1, 4, 5)}
    kept = await entry(server, new_path)
    assert kept is not None
    assert (kept.custom["owner"], kept.custom["ticket"], kept.custom["renamed_from"]) == (
        "ops", "T-1", f"{PLACE}/{fresh}",
    )  # fmt: skip
    assert (kept.max_versions, kept.delete_version_after, kept.cas_required) == (25, "720h0m0s", True)
    assert not [key for key in kept.custom if key.startswith(("moving", "pending", "creating"))]
    note = json.loads(kept.custom["renamed"])
    assert (note["by"], note["why"], note["to"]) == (people["developer"].name, "a better name", 5)
    assert await entry(server, f"{PLACE}/{fresh}") is None
    assert (await acting.get(path, headers=viewer)).status_code == 404
    updated = await acting.post(f"/secrets/{after['id']}/versions", json={"value": "six"}, headers=developer)
    assert updated.json()["version"] == 6


async def test_the_numbering_stays_when_the_oldest_versions_are_gone(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    path = await create(acting, people, fresh, 23)
    answer = await acting.patch(path, json={"name": f"{fresh}-n"}, headers=people["developer"].headers)
    assert (answer.status_code, answer.json()["version"]) == (200, 23)
    found = await values(server, f"{PLACE}/{fresh}-n")
    assert found == {number: f"{CANARY}-{number}" for number in range(4, 24)}
    now = (await acting.get(f"/secrets/{answer.json()['id']}/versions", headers=people["viewer"].headers)).json()
    assert [version["reason"] for version in now] == [f"reason {number}" for number in range(23, 3, -1)]


async def test_what_was_outside_stays_outside_with_its_time(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    """As the CLI writes: a name of its own kind, numbers as values, no type, no record."""
    async with server.vault() as vault:
        session = vault.session(Caller(people["developer"].token))
        for port in (5432, 5433):
            where = f"status/data/{PLACE}/{fresh} Über name"
            await session.send("POST", where, body={"data": {"value": "by hand", "port": port}})
    identity = Address(f"{PLACE}/{fresh} Über name").id
    history = (await acting.get(f"/secrets/{identity}/versions", headers=people["viewer"].headers)).json()
    answer = await acting.patch(f"/secrets/{identity}", json={"name": fresh}, headers=people["developer"].headers)
    assert set(answer.json()["flags"]) == {"unclassified", "record_missing"}
    now = (await acting.get(f"/secrets/{answer.json()['id']}/versions", headers=people["viewer"].headers)).json()
    assert now == history
    async with stored(server) as store:
        assert (await store.stored(Address(f"{PLACE}/{fresh}"), 2))["port"] == 5433


async def test_fillers_that_stay_are_destroyed_and_say_who_made_them(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not server.own:
        pytest.skip("the mount's settings of a server that was given are others' too")
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        await session.send("POST", "status/config", body={"max_versions": 3})
        path = await create(acting, people, fresh, 6)
        await session.send("POST", "status/config", body={"max_versions": 20})
    with monkeypatch.context() as few:
        few.setattr(moving, "MOST_FILLERS", 2)
        refused = await acting.patch(path, json={"name": f"{fresh}-n"}, headers=people["admin"].headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
        assert "version 4" in refused.json()["detail"]
    answer = await acting.patch(path, json={"name": f"{fresh}-n", "reason": "why"}, headers=people["admin"].headers)
    assert answer.json()["version"] == 6, answer.text
    now = (await acting.get(f"/secrets/{answer.json()['id']}/versions", headers=people["viewer"].headers)).json()
    told = [(version["version"], version["state"], version["origin"], version["reason"]) for version in now]
    assert told[:3] == [(6, "current", "updated", "reason 6"), (5, "earlier", "updated", "reason 5"),
                        (4, "earlier", "updated", "reason 4")]  # fmt: skip
    assert told[3:] == [(number, "destroyed", "renamed", "why") for number in (3, 2, 1)]


async def test_metadata_that_would_have_too_many_keys(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    path = await create(acting, people, fresh)
    async with stored(server) as store:
        await store.patch_custom(Address(f"{PLACE}/{fresh}"), {f"own{number}": "x" for number in range(56)})
        before = await store.metadata(Address(f"{PLACE}/{fresh}"))
        answer = await acting.patch(path, json={"name": f"{fresh}-n"}, headers=people["developer"].headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        assert "the limit is 64" in answer.json()["detail"]
        assert await store.metadata(Address(f"{PLACE}/{fresh}")) == before
        await store.patch_custom(Address(f"{PLACE}/{fresh}"), {"own0": None, "own1": None})
    fits = await acting.patch(path, json={"name": f"{fresh}-n"}, headers=people["developer"].headers)
    assert fits.status_code == 200, fits.text


async def test_a_secret_whose_metadata_asks_for_check_and_set(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    path = await create(acting, people, fresh, 2)
    async with stored(server) as store:
        await store.patch_settings(Address(f"{PLACE}/{fresh}"), {"metadata_cas_required": True})
        answer = await acting.patch(path, json={"name": f"{fresh}-n"}, headers=people["developer"].headers)
        assert answer.status_code == 200, answer.text
        assert (await store.metadata(Address(f"{PLACE}/{fresh}-n"))).metadata_cas_required


async def test_a_name_that_is_taken(acting: httpx.AsyncClient, server: Server, people: People, fresh: str) -> None:
    path, other = await create(acting, people, fresh), await create(acting, people, f"{fresh}-2")
    answer = await acting.patch(path, json={"name": f"{fresh}-2"}, headers=people["developer"].headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "exists")
    for one in (path, other):
        assert (await acting.get(one, headers=people["viewer"].headers)).json()["flags"] == []


async def test_details_and_a_value_may_change_with_the_name(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    path = await create(acting, people, fresh)
    body = {"name": f"{fresh}-n", "description": "new", "value": "two", "reason": "all at once", "ifVersion": 1}
    answer = (await acting.patch(path, json=body, headers=people["developer"].headers)).json()
    assert (answer["name"], answer["description"], answer["version"]) == (f"{fresh}-n", "new", 2)
    assert await values(server, f"{PLACE}/{fresh}-n") == {1: f"{CANARY}-1", 2: "two"}
    stale = {"name": f"{fresh}-o", "ifVersion": 1}
    late = await acting.patch(f"/secrets/{answer['id']}", json=stale, headers=people["developer"].headers)
    assert (late.status_code, late.json()["code"]) == (409, "conflict")


async def test_only_an_admin_moves_to_another_scope(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    path = await create(acting, people, fresh, 3)
    change = {"scope": "environment/staging", "reason": "belongs there"}
    for name, status in (("developer", 403), ("viewer", 403), ("outsider", 404)):
        refused = await acting.patch(path, json=change, headers=people[name].headers)
        assert refused.status_code in (status, 403), name
    assert "ADMIN" in (await acting.patch(path, json=change, headers=people["developer"].headers)).json()["detail"]
    untouched = await entry(server, f"{PLACE}/{fresh}")
    assert untouched is not None
    assert not [key for key in untouched.custom if key.startswith("moving")]
    moved = await acting.patch(path, json=change, headers=people["admin"].headers)
    assert moved.status_code == 200, moved.text
    assert (moved.json()["id"], moved.json()["environment"]) == (f"environment~staging~{fresh}", "staging")
    assert "environment/staging" in moved.json()["message"]
    assert await values(server, f"environment/staging/{fresh}") == {n: f"{CANARY}-{n}" for n in (1, 2, 3)}
    kept = await entry(server, f"environment/staging/{fresh}")
    assert kept is not None
    assert "renamed_from" not in kept.custom
    assert await entry(server, f"{PLACE}/{fresh}") is None
    async with stored(server) as store:
        lines = await store.children(".scopes/.moves")
        journal = [await store.metadata(Address(f".scopes/.moves/{one}")) for one in lines]
    assert not [line for line in journal if fresh in line.custom["from"]]
    nowhere = {"scope": f"custom/{fresh}"}
    answer = await acting.patch(f"/secrets/{moved.json()['id']}", json=nowhere, headers=people["admin"].headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "scope")


async def test_an_entry_outside_every_scope_is_moved_into_one(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    async with server.vault() as vault:
        await vault.session(Caller(server.token)).send("POST", f"status/data/{fresh}", body={"data": {"value": "x"}})
    renamed = await acting.patch(f"/secrets/{fresh}", json={"name": "other"}, headers=people["admin"].headers)
    assert renamed.status_code == 400
    moved = await acting.patch(f"/secrets/{fresh}", json={"scope": "global"}, headers=people["admin"].headers)
    assert moved.json()["id"] == f"global~{fresh}", moved.text
    assert await entry(server, fresh) is None


async def test_without_an_identity_only_who_may_read_renames(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    path = await create(api, people, fresh, 2)
    refused = await api.patch(path, json={"name": f"{fresh}-n"}, headers=people["developer"].headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert "no identity of its own" in refused.json()["detail"]
    assert (await api.get(path, headers=people["viewer"].headers)).json()["flags"] == []
    again = await create(api, people, f"{fresh}-n")  # the name is free
    await api.delete(again, headers=people["admin"].headers)
    renamed = await api.patch(path, json={"name": f"{fresh}-n"}, headers=people["admin"].headers)
    assert renamed.status_code == 200, renamed.text
    assert await values(server, f"{PLACE}/{fresh}-n") == {n: f"{CANARY}-{n}" for n in (1, 2)}


async def test_the_log_names_the_person_and_each_token_has_just_the_uses_it_needs(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    path = await create(acting, people, fresh, 3)
    await acting.delete(f"{path}/versions/2", headers=people["developer"].headers)
    size = server.audit_log.stat().st_size
    assert (await acting.patch(path, json={"name": f"{fresh}-n"}, headers=people["developer"].headers)).is_success
    lines = [json.loads(line) for line in server.audit_log.read_bytes()[size:].splitlines()]
    done = [line for line in lines if line["type"] == "response"]
    mints = [line for line in done if line["request"]["path"] == "auth/token/create/status-act"]
    uses = Counter(line["auth"].get("accessor") for line in done if (line["auth"].get("metadata") or {}).get("act"))
    for mint in mints:
        token = mint["response"]["auth"]
        assert token["metadata"]["act"] == "renamed"
        assert token["metadata"]["person"] == people["developer"].name
        assert (token["metadata"]["secret"], token["metadata"]["to"]) == (f"{PLACE}/{fresh}", f"{PLACE}/{fresh}-n")
        assert len(token["metadata"]["records"]) == 64
        assert uses[token["accessor"]] == token["num_uses"], token["policies"]
    assert len(mints) == len(uses) == 6
    own = [line for line in done if line["auth"]["display_name"] == f"userpass-{people['developer'].name}"]
    assert not [line for line in own if line.get("error")]
    assert not [line for line in own if line["request"]["operation"] == "read" and "/data/" in line["request"]["path"]]
    assert CANARY not in json.dumps(lines)


def marks(identity: str, by: str, other: str | None, *, new: bool, seconds: float, more: str = "") -> dict[str, str]:
    since = iso(datetime.now(UTC) - timedelta(seconds=seconds))
    flag = '"new":true,' if new else ""
    text = f'{{"since":"{since}",{flag}{more}"by":"{by}","at":"{since}","why":"why","op":"renamed"}}'
    return {f"moving_{identity}": text} | ({f"moving_{identity}_other": other} if other else {})


@pytest.fixture
async def half(acting: httpx.AsyncClient, server: Server, people: People, fresh: str) -> Any:
    """Marks of a rename that ended after it had copied the first of two versions; they are `seconds` old."""
    await create(acting, people, fresh, 2)
    old, new = Address(f"{PLACE}/{fresh}"), Address(f"{PLACE}/{fresh}-n")
    by, identity = people["developer"].name, secrets.token_hex(6)

    async def leave(seconds: float, value: str = f"{CANARY}-1") -> tuple[str, str]:
        async with stored(server) as store:
            await store.patch_custom(old, marks(identity, by, new.path, new=False, seconds=seconds))
            await store.create_custom(new, marks(identity, by, old.path, new=True, seconds=seconds))
            await store.write_stored(new, {"value": value}, cas=0)
        return f"/secrets/{old.id}", f"/secrets/{new.id}"

    return leave


async def listed(api: httpx.AsyncClient, people: People, name: str) -> list[tuple[str, list[str]]]:
    found = (await api.get(f"/secrets?q={name}", headers=people["viewer"].headers)).json()
    return [(secret["name"], secret["flags"]) for secret in found]


async def test_while_it_is_half_done_reads_of_either_name_answer_409(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str, half: Any
) -> None:
    old, new = await half(5)
    for path in (old, new):
        for method, call, body in [
            ("GET", "", None), ("GET", "/versions", None), ("PATCH", "", {"description": "x"}), ("DELETE", "", {}),
            ("POST", "/rollback", {"version": 1}), ("POST", "/value", {}), ("DELETE", "/versions/1", {}),
        ]:  # fmt: skip
            answer = await acting.request(method, path + call, json=body, headers=people["admin"].headers)
            assert (answer.status_code, answer.json()["code"]) == (409, "conflict"), (path, method, call)
            assert "doctor --repair" in answer.json()["hint"]
    assert await listed(acting, people, fresh) == [(fresh, ["moving"])]
    body = {"name": f"{fresh}-n", "type": "PASSWORD", "value": "x"}
    assert (await acting.post("/secrets", json=body, headers=people["developer"].headers)).json()["code"] == "exists"


@pytest.mark.parametrize("first", ["old", "new"])
async def test_the_next_look_of_somebody_with_the_right_finishes_it(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str, half: Any, first: str
) -> None:
    old, new = await half(90)
    assert (await acting.get(old, headers=people["viewer"].headers)).status_code == 409
    looked = await acting.get(old if first == "old" else new, headers=people["developer"].headers)
    assert looked.status_code == (404 if first == "old" else 200), looked.text
    seen = (await acting.get(new, headers=people["viewer"].headers)).json()
    assert (seen["version"], seen["reason"], seen["flags"]) == (2, "reason 2", [])
    assert await values(server, f"{PLACE}/{fresh}-n") == {n: f"{CANARY}-{n}" for n in (1, 2)}
    assert await listed(acting, people, fresh) == [(f"{fresh}-n", [])]


async def test_a_place_that_holds_something_else_is_never_taken_for_a_copy(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str, half: Any
) -> None:
    old, new = await half(90, value="something else")
    for path in (old, new):
        answer = await acting.get(path, headers=people["developer"].headers)
        assert answer.status_code == 409
    assert await values(server, f"{PLACE}/{fresh}") == {n: f"{CANARY}-{n}" for n in (1, 2)}
    async with server.vault() as vault:
        act = Services(vault).act(Caller(people["admin"].token))
        [examined] = await examine(act, Settings(), (half_moved.check,))
        assert examined.problem is None
        [finding] = [found for found in examined.findings if fresh in found.what]
        assert finding.repair is not None
        assert "both kept" in await finding.repair()
    assert sorted(await listed(acting, people, fresh)) == [
        (fresh, []),
        (f"{fresh}-n", ["unclassified", "record_missing"]),
    ]
    assert await values(server, f"{PLACE}/{fresh}-n") == {1: "something else"}


async def test_a_mark_that_a_developer_made_up_moves_nothing(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    """Into a scope whose values they may use, with an ADMIN's hands."""
    path = await create(acting, people, fresh)
    by = people["developer"].name
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(people["developer"].token)))
        other = f"environment/development/{fresh}"
        made_up = marks("aaaaaaaaaaaa", by, other, new=False, seconds=90) | marks("bbbbbbbbbbbb", by, None, new=False,
                                                                                  seconds=90)  # fmt: skip
        for key in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
            chosen = {name: text for name, text in made_up.items() if key in name}
            await store.patch_custom(Address(f"{PLACE}/{fresh}"), chosen)
            seen = await acting.get(path, headers=people["admin"].headers)
            assert (seen.status_code, seen.json()["flags"]) == (200, [])
            assert await entry(server, other) is None
