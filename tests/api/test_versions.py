"""The versions of a secret over HTTP, on the real server."""

from __future__ import annotations

import hashlib
import json

import httpx
import pytest

from adapter.model.address import Address
from adapter.vault import Caller
from adapter.vault.answers import Metadata
from adapter.vault.kv import KvStore
from tests.support.server import People, Server

CANARY = "c4n4ry-v3rsi0n"


@pytest.fixture
async def path(acting: httpx.AsyncClient, people: People, fresh: str) -> str:
    """A secret of three versions, whose values tell their number."""
    developer = people["developer"].headers
    body = {"name": fresh, "type": "PASSWORD", "value": f"{CANARY}-1", "reason": "first"}
    made = await acting.post("/secrets", json=body, headers=developer)
    path = f"/secrets/{made.json()['id']}"
    for number in (2, 3):
        body = {"value": f"{CANARY}-{number}", "reason": f"reason {number}", "ifVersion": number - 1}
        answer = await acting.post(f"{path}/versions", json=body, headers=developer)
        assert (answer.status_code, answer.json()["version"]) == (201, number)
        assert CANARY not in answer.text
    return path


async def value(server: Server, name: str, version: int) -> str:
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(server.token)))
        address = Address(f"environment/production/{name}")
        return (await store.read_version(address, version))["value"].get_secret_value()


async def entry_of(server: Server, name: str) -> Metadata:
    async with server.vault() as vault:
        return await KvStore(vault.session(Caller(server.token))).metadata(Address(f"environment/production/{name}"))


async def test_history_tells_who_when_and_why(acting: httpx.AsyncClient, people: People, path: str) -> None:
    versions = (await acting.get(f"{path}/versions", headers=people["viewer"].headers)).json()
    name = people["developer"].name
    told = [(v["version"], v["state"], v["origin"], v["createdBy"], v["reason"], v["flags"]) for v in versions]
    assert told == [
        (3, "current", "updated", name, "reason 3", []),
        (2, "earlier", "updated", name, "reason 2", []),
        (1, "earlier", "created", name, "first", []),
    ]
    assert versions[0]["createdAt"] > versions[2]["createdAt"]
    outsider = await acting.get(f"{path}/versions", headers=people["outsider"].headers)
    assert outsider.status_code == 404


async def test_a_developer_rolls_back_without_being_able_to_read(
    acting: httpx.AsyncClient, server: Server, people: People, path: str, fresh: str
) -> None:
    body = {"version": 1, "reason": "2 and 3 were wrong", "ifVersion": 3}
    answer = await acting.post(f"{path}/rollback", json=body, headers=people["developer"].headers)
    assert answer.status_code == 201, answer.text
    assert CANARY not in answer.text
    version = answer.json()
    assert (version["version"], version["origin"], version["rolledBackFrom"]) == (4, "rolled_back", 1)
    assert (version["createdBy"], version["reason"]) == (people["developer"].name, "2 and 3 were wrong")
    assert await value(server, fresh, 4) == f"{CANARY}-1"
    history = (await acting.get(f"{path}/versions", headers=people["viewer"].headers)).json()
    assert [v["version"] for v in history] == [4, 3, 2, 1]


async def test_the_log_names_the_person_on_whose_behalf(
    acting: httpx.AsyncClient, server: Server, people: People, path: str, fresh: str
) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    await acting.post(f"{path}/rollback", json={"version": 2}, headers=people["developer"].headers)
    wanted = f"status/data/environment/production/{fresh}"
    lines = map(json.loads, server.audit_log.read_text().splitlines())
    reads = [
        line
        for line in lines
        if line["type"] == "response" and line["request"]["path"] == wanted and line["request"]["operation"] == "read"
    ]
    assert len(reads) == 1
    meta = reads[0]["auth"]["metadata"]
    assert (meta["act"], meta["person"], meta["secret"]) == (
        "rolled_back",
        people["developer"].name,
        f"environment/production/{fresh}",
    )
    records = {"v2": (await entry_of(server, fresh)).custom["v2"]}
    text = json.dumps(records, ensure_ascii=False, separators=(",", ":"))
    assert meta["records"] == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", ["viewer", "outsider"])
async def test_who_may_not_change_may_not_roll_back(
    acting: httpx.AsyncClient, people: People, path: str, name: str
) -> None:
    answer = await acting.post(f"{path}/rollback", json={"version": 1}, headers=people[name].headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert "DEVELOPER" in answer.json()["detail"]


async def test_without_an_identity_only_who_may_read_rolls_back(
    api: httpx.AsyncClient, people: People, path: str
) -> None:
    refused = await api.post(f"{path}/rollback", json={"version": 1}, headers=people["developer"].headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    history = (await api.get(f"{path}/versions", headers=people["viewer"].headers)).json()
    assert [v["version"] for v in history] == [3, 2, 1]
    allowed = await api.post(f"{path}/rollback", json={"version": 1}, headers=people["admin"].headers)
    assert (allowed.status_code, allowed.json()["version"]) == (201, 4)


@pytest.mark.parametrize(("version", "status"), [(3, 400), (4, 404), (0, 404), (-1, 404), (None, 400)])
async def test_a_version_that_cannot_be_rolled_back_to(
    acting: httpx.AsyncClient, people: People, path: str, version: object, status: int
) -> None:
    answer = await acting.post(f"{path}/rollback", json={"version": version}, headers=people["developer"].headers)
    assert answer.status_code == status
    assert answer.json()["hint"]


async def test_soft_delete_undelete_destroy(acting: httpx.AsyncClient, people: People, path: str) -> None:
    developer, admin = people["developer"].headers, people["admin"].headers

    async def state(method: str, what: str, headers: dict[str, str]) -> object:
        answer = await acting.request(method, f"{path}/versions/1{what}", json={"reason": "x"}, headers=headers)
        return answer.json().get("state", answer.json().get("code"))

    assert await state("DELETE", "", people["viewer"].headers) == "not_allowed"
    assert await state("DELETE", "", developer) == "deleted"
    refused = await acting.post(f"{path}/rollback", json={"version": 1}, headers=developer)
    assert (refused.status_code, refused.json()["hint"]) == (400, "Undelete it first.")
    assert await state("POST", "/undelete", developer) == "earlier"
    assert await state("POST", "/destroy", developer) == "not_allowed"
    assert await state("POST", "/destroy", admin) == "destroyed"
    assert await state("POST", "/undelete", developer) == "invalid"
    missing = await acting.post(f"{path}/versions/9/destroy", headers=admin)
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_a_version_of_the_cli_is_told_as_one_from_outside(
    acting: httpx.AsyncClient, server: Server, people: People, path: str, fresh: str
) -> None:
    async with server.vault() as vault:
        body = {"data": {"value": "by hand", "port": 5432}}
        where = f"status/data/environment/production/{fresh}"
        await vault.session(Caller(people["developer"].token)).send("POST", where, body=body)
    newest = (await acting.get(f"{path}/versions", headers=people["viewer"].headers)).json()[0]
    assert (newest["version"], newest["origin"], newest["createdBy"]) == (4, "outside", None)
    assert newest["flags"] == ["record_missing"]
    await acting.post(f"{path}/versions", json={"value": "five"}, headers=people["developer"].headers)
    back = await acting.post(f"{path}/rollback", json={"version": 4}, headers=people["developer"].headers)
    assert back.json()["version"] == 6
    assert await value(server, fresh, 6) == "by hand"


async def test_records_are_pruned_in_step_with_the_versions(
    acting: httpx.AsyncClient, server: Server, people: People, path: str, fresh: str
) -> None:
    for number in range(4, 26):
        body = {"value": f"{CANARY}-{number}", "reason": f"reason {number}"}
        assert (await acting.post(f"{path}/versions", json=body, headers=people["developer"].headers)).is_success
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(server.token)))
        entry = await store.metadata(Address(f"environment/production/{fresh}"))
    kept = {f"v{number}" for number in range(6, 26)}
    assert {key for key in entry.custom if key[0] == "v" and key[1:].isdigit()} == kept
    assert not [key for key in entry.custom if key.startswith("pending")]
    history = (await acting.get(f"{path}/versions", headers=people["viewer"].headers)).json()
    assert [v["reason"] for v in history] == [f"reason {number}" for number in range(25, 5, -1)]
