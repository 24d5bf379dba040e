"""Encryption keys over HTTP, on the real server: made, listed, rotated, never seen."""

from __future__ import annotations

import json

import httpx
import pytest

from adapter.model.address import Address
from adapter.vault import Caller
from adapter.vault.answers import decode_any
from adapter.vault.transit import KeyStore
from tests.keys.conftest import create
from tests.support.server import People, Person, Server


async def test_a_key_is_made_and_listed_beside_the_secrets(
    api: httpx.AsyncClient, people: People, component: Person, fresh: str
) -> None:
    made = await create(api, people["developer"], f"{fresh} Mashup", reason="report archive")
    assert made.status_code == 201
    key = made.json()
    assert key.pop("message") == f"{fresh}_mashup: key created in environment/production"
    expected = {
        "id": f"environment~production~{fresh}_mashup",
        "name": f"{fresh}_mashup",
        "type": "KEY",
        "scope": "environment/production",
        "environment": "production",
        "version": 1,
        "flags": [],
    }
    assert expected.items() <= key.items()
    assert key["createdAt"] == key["rotatedAt"] == key["versions"][0]["createdAt"]
    for person in (people["viewer"], people["developer"], people["admin"], component):
        listed = (await api.get("/keys", headers=person.headers)).json()
        assert [entry for entry in listed if entry["name"] == key["name"]] == [key], person.name
        secrets = (await api.get("/secrets", headers=person.headers)).json()
        assert all(secret["name"] != key["name"] for secret in secrets)
    assert (await api.get("/keys", headers=people["outsider"].headers)).json() == []
    elsewhere = (await api.get("/keys?scope=global", headers=people["admin"].headers)).json()
    assert all(entry["scope"] == "global" for entry in elsewhere)


async def test_the_vault_holds_it_as_a_key_that_cannot_leave(
    api: httpx.AsyncClient, server: Server, people: People, key: str
) -> None:
    place, name = "status-keys/environment/production", Address.from_id(key).name
    async with server.vault() as vault:
        _, content = await vault.session(Caller(server.token)).send("GET", place, "keys", name)
        kept = decode_any(content)
    assert kept["type"] == "aes256-gcm96"
    for setting in ("exportable", "allow_plaintext_backup", "deletion_allowed", "derived"):
        assert kept[setting] is False


async def test_a_key_is_rotated_with_a_reason(
    api: httpx.AsyncClient, server: Server, people: People, key: str, fresh: str
) -> None:
    reason = f"yearly {fresh}"
    answer = await api.post(f"/keys/{key}/rotate", json={"reason": reason}, headers=people["developer"].headers)
    assert answer.status_code == 200
    rotated = answer.json()
    assert rotated["version"] == 2
    assert [version["version"] for version in rotated["versions"]] == [2, 1]
    assert rotated["message"].endswith("version 2 encrypts from now on")
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    lines = [json.loads(line) for line in server.audit_log.read_text().splitlines() if reason in line]
    places = {line["request"]["path"] for line in lines}
    assert f"status-keys/environment/production/keys/{Address.from_id(key).name}/rotate" in places


async def test_a_second_key_of_the_name_is_refused_and_the_first_stays(
    api: httpx.AsyncClient, people: People, key: str, fresh: str
) -> None:
    await api.post(f"/keys/{key}/rotate", headers=people["developer"].headers)
    again = await create(api, people["developer"], fresh.upper())
    assert (again.status_code, again.json()["code"]) == (409, "exists")
    listed = (await api.get("/keys", headers=people["viewer"].headers)).json()
    assert [entry["version"] for entry in listed if entry["id"] == key] == [2]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a~b", "may not contain '~'"),
        ("a/b", "may not contain '/'"),
        ("key.", "may not end with '.'"),
        ("key-", "may not end with '-'"),
        ("-key", "may not start with '-'"),
        (".key", "may not start with '.'"),
        ("schlüssel", "may not contain 'ü'"),
        ("", "empty"),
        ("x" * 101, "101 characters"),
    ],
)
async def test_a_name_that_transit_refuses_is_refused_with_a_sentence(
    api: httpx.AsyncClient, people: People, name: str, words: str
) -> None:
    answer = await create(api, people["developer"], name)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert words in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "name"


@pytest.mark.parametrize("name", ["a", "1", "a_", "a.b", "a--b", "a..b", "x" * 100])
async def test_every_name_that_is_accepted_is_one_that_transit_takes(
    api: httpx.AsyncClient, people: People, fresh: str, name: str
) -> None:
    assert (await create(api, people["developer"], (fresh + name)[:100])).status_code == 201


async def test_where_a_scope_asks_for_reasons_keys_need_them_too(
    api: httpx.AsyncClient, people: People, fresh: str
) -> None:
    admin, scope = people["admin"], f"custom/{fresh}"
    made = await api.post("/scopes", json={"scope": scope, "requireReason": True}, headers=admin.headers)
    assert made.status_code == 201, made.text
    refused = await create(api, admin, fresh, scope=scope)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason")
    key = (await create(api, admin, fresh, scope=scope, reason="archive")).json()["id"]
    refused = await api.post(f"/keys/{key}/rotate", json={}, headers=admin.headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason")
    done = await api.post(f"/keys/{key}/rotate", json={}, headers={**admin.headers, "X-Status-Reason": "yearly"})
    assert (done.status_code, done.json()["version"]) == (200, 2)


async def test_a_scope_that_is_not_there(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    told = await create(api, people["admin"], fresh, scope=f"service/{fresh}")
    assert (told.status_code, told.json()["code"]) in ((404, "not_found"), (403, "not_allowed"))
    untold = await create(api, people["developer"], fresh, scope=f"service/{fresh}")
    assert (untold.status_code, untold.json()["code"]) == (403, "not_allowed")
    assert f"service/{fresh}" in untold.json()["detail"]


async def test_what_is_no_key_is_not_found(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    made = {"name": fresh, "type": "PASSWORD", "value": "x"}
    secret = (await api.post("/secrets", json=made, headers=people["developer"].headers)).json()["id"]
    for key in (secret, "environment~production~a~config", "a~-7", "nowhere~a", "global"):
        answer = await api.post(f"/keys/{key}/rotate", json={}, headers=people["developer"].headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), key


async def test_a_key_that_was_made_otherwise_shows_so(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    place = "status-keys/environment/production/keys"
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        await root.send("POST", place, fresh, body={"type": "rsa-2048", "exportable": True})
        await root.send("POST", place, fresh, "config", body={"deletion_allowed": True})
        listed = (await api.get("/keys", headers=people["viewer"].headers)).json()
        found = next(entry for entry in listed if entry["name"] == fresh)
        assert found["flags"] == ["exportable", "deletion_allowed", "other_type"]
        assert found["createdAt"].startswith("20")
        assert set(await KeyStore(root).names(Address.from_id(found["id"]).scope)) >= {fresh}  # type: ignore[arg-type]
        await root.send("DELETE", place, fresh)
