"""After an incident: who could have a value, what somebody touched, where a string came by."""

from __future__ import annotations

import httpx
import pytest

from adapter.service import investigating
from adapter.settings import load_settings
from tests.audit.test_audit_calls import created, page, until
from tests.support.bao_cli import bao
from tests.support.server import People, Person, Server


async def find_leak(api: httpx.AsyncClient, person: Person, value: str) -> httpx.Response:
    return await api.post("/audit/find-leak", json={"value": value}, headers=person.headers)


async def test_who_could_have_a_value(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = people["admin"]
    secret_id = await created(watching, people["developer"], fresh)
    for _ in range(2):
        await bao(server, admin, "kv", "get", "-mount=status", "-field=value", f"environment/production/{fresh}")
    refused = await watching.post(f"/secrets/{secret_id}/value", json={}, headers=people["developer"].headers)
    assert refused.status_code == 403
    await until(watching, admin, 3, q=fresh, act="used")
    answer = await watching.get("/audit/investigate", params={"secret": secret_id}, headers=admin.headers)
    (use,) = answer.json()["uses"]
    assert (use["actor"], use["count"], use["version"], use["client"]) == (admin.name, 2, 1, "cli/other")
    assert answer.json()["rotatedAt"] < use["first"] < use["last"]
    assert answer.json()["knownSince"] < use["first"]
    monkeypatch.setattr(investigating, "MOST_EVENTS", 1)
    answer = await watching.get("/audit/investigate", params={"secret": secret_id}, headers=admin.headers)
    assert answer.json()["knownSince"] == use["last"], "of more events than are looked at, the older are not known"


async def test_who_wrote_it_and_who_may_still_read_it(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    """A value that somebody typed straight at the vault, and access that was given and not used yet."""
    admin, developer, path = people["admin"], people["developer"], f"environment/production/{fresh}"
    secret_id = await created(watching, developer, fresh)
    await bao(server, developer, "kv", "put", "-mount=status", path, "value=-", stdin="by hand")
    body = {"who": f"person:{people['outsider'].name}", "ttl": "5m", "uses": 2, "reason": "incident 7"}
    given = await watching.post(f"/secrets/{secret_id}/temporary-access", json=body, headers=admin.headers)
    assert given.status_code == 201, given.text
    other = await created(watching, developer, f"{fresh}-other")
    await until(watching, admin, 2, secret=path, act="created,updated")
    answer = (await watching.get("/audit/investigate", params={"secret": secret_id}, headers=admin.headers)).json()
    assert [(one["act"], one["actor"], one["version"], one["client"]) for one in answer["wrote"]] == [
        ("updated", developer.name, 2, "cli/other"),
        ("created", developer.name, 1, "tui/1"),
    ]
    assert answer["uses"] == []
    (may,) = answer["mayRead"]
    assert (may["who"], may["expiresAt"], may["usesLeft"]) == (body["who"], given.json()["expiresAt"], 2)
    await watching.delete(f"/temporary-access/{may['id']}", headers=admin.headers)
    for asked in ({"secret": secret_id}, {"secret": other}):
        answer = (await watching.get("/audit/investigate", params=asked, headers=admin.headers)).json()
        assert answer["mayRead"] == []
    answer = (await watching.get("/audit/investigate", params={"actor": "x"}, headers=admin.headers)).json()
    assert (answer["mayRead"], answer["wrote"]) == (None, [])


async def test_what_somebody_touched(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    developer, admin = people["developer"], people["admin"]
    secret_id = await created(watching, developer, fresh, "global")
    await watching.post(f"/secrets/{secret_id}/value", json={}, headers=developer.headers)
    await until(watching, admin, 1, q=fresh, act="used")
    answer = await watching.get("/audit/investigate", params={"actor": developer.name}, headers=admin.headers)
    (touched,) = [one for one in answer.json()["touched"] if one["secret"] == f"global/{fresh}"]
    assert touched["acts"] == {"created": 1, "used (denied)": 1}
    assert f"global/{fresh}" not in {use["secret"] for use in answer.json()["uses"]}


async def test_a_leaked_string_is_found_where_it_came_by(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    admin, value = people["admin"], f"leaked-{fresh}"
    body = {"name": fresh, "type": "PASSWORD", "value": value, "scope": "global"}
    assert (await watching.post("/secrets", json=body, headers=people["developer"].headers)).status_code == 201
    await bao(server, admin, "kv", "get", "-mount=status", "-field=value", f"global/{fresh}")
    await until(watching, admin, 2, q=fresh, act="created,used")
    report = (await find_leak(watching, admin, value)).json()
    hits = [(hit["event"]["act"], hit["event"]["secret"], hit["sent"], hit["answered"]) for hit in report["hits"]]
    assert hits == [("used", f"global/{fresh}", False, True), ("created", f"global/{fresh}", True, False)]
    assert report["hits"][1]["fields"] == ["data.value"]
    assert report["devices"] == ["main"]
    assert report["lines"] > 100
    assert value not in str(report)
    assert (await find_leak(watching, admin, value[:-1])).json()["hits"] == []
    assert server.audit_log is not None
    assert value.encode() not in server.audit_log.read_bytes()


async def test_a_line_break_at_the_end_makes_no_difference(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    """A key's file ends with one; who pastes the key, or pipes the file, may have it or not."""
    for name, stored, found in (("a", "one\n", "one"), ("b", "two", "two\r\n"), ("c", "three\n", "three\n\n")):
        body = {"name": f"{fresh}{name}", "type": "CUSTOM", "value": f"{fresh}{stored}", "scope": "global"}
        assert (await watching.post("/secrets", json=body, headers=people["developer"].headers)).status_code == 201
        hits = (await find_leak(watching, people["admin"], f"{fresh}{found}")).json()["hits"]
        assert [hit["event"]["secret"] for hit in hits] == [f"global/{fresh}{name}"]


async def test_what_was_done_with_a_token_that_was_found(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    body = {"method": "userpass", "username": people["viewer"].name}
    body["password"] = people["viewer"].password.get_secret_value()
    token = (await watching.post("/auth/login", json=body)).json()["token"]
    missing = await watching.get(f"/secrets/global~{fresh}", headers={"X-Vault-Token": token})
    assert missing.status_code == 404
    hits = (await find_leak(watching, people["admin"], token)).json()["hits"]
    assert hits[-1]["event"]["act"] == "signed_in"
    assert (hits[-1]["answered"], "auth.client_token" in hits[-1]["fields"]) == (True, True)
    assert all(hit["sent"] and "client_token" in hit["fields"] for hit in hits[:-1])
    assert {hit["event"]["secret"] for hit in hits} >= {"auth/userpass"}
    assert any(str(hit["event"]["secret"]).startswith(f"global/{fresh}") for hit in hits)


async def test_a_string_in_a_place_that_is_not_ours_is_found_too(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    value = f"elsewhere-{fresh}"
    await bao(server, server.token, "write", f"cubbyhole/{fresh}", "word=-", stdin=value)
    (hit,) = (await find_leak(watching, people["admin"], value)).json()["hits"]
    assert (hit["event"]["secret"], hit["fields"], hit["sent"]) == (f"cubbyhole/{fresh}", ["word"], True)


async def test_only_for_admins(watching: httpx.AsyncClient, people: People) -> None:
    for name in ("viewer", "developer", "outsider"):
        headers = people[name].headers
        answers = [
            await watching.get("/audit/investigate", params={"actor": "admin"}, headers=headers),
            await find_leak(watching, people[name], "word"),
        ]
        assert [answer.status_code for answer in answers] == [403, 403]


async def test_one_subject_at_a_time(watching: httpx.AsyncClient, people: People) -> None:
    for query in ({}, {"actor": "a", "component": "b"}):
        answer = await watching.get("/audit/investigate", params=query, headers=people["admin"].headers)
        assert answer.status_code == 400
    for value in ("", "x" * 1_000_001):
        answer = await find_leak(watching, people["admin"], value)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "value")


async def test_last_use_and_who_used_it(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    admin, viewer = people["admin"], people["viewer"]
    secret_id = await created(watching, people["developer"], fresh)
    path = f"environment/production/{fresh}"
    role = "auth/status-approle/role/status-component-reports"
    await bao(server, server.token, "write", role, "token_policies=status-use-environment-production")
    role_id = (await bao(server, server.token, "read", "-field=role_id", f"{role}/role-id")).strip()
    secret = (await bao(server, server.token, "write", "-f", "-field=secret_id", f"{role}/secret-id")).strip()
    login = {"method": "approle", "roleId": role_id, "secretId": secret}
    component = (await watching.post("/auth/login", json=login)).json()["token"]
    seen = (await watching.get(f"/secrets/{secret_id}", headers=viewer.headers)).json()
    assert (seen["lastUsedAt"], seen["usedBy"]) == (None, [])
    assert seen["lastUsedKnownSince"] < seen["createdAt"]
    answer = await watching.post(f"/secrets/{secret_id}/value", json={}, headers={"X-Vault-Token": component})
    assert answer.status_code == 200, answer.text
    (use,) = await until(watching, admin, 1, q=fresh, act="used")
    assert (use["component"], use["actorKind"], use["role"]) == ("reports", "component", "USE")
    for found in (
        (await watching.get(f"/secrets/{secret_id}", headers=viewer.headers)).json(),
        next(one for one in (await watching.get("/secrets", headers=viewer.headers)).json() if one["name"] == fresh),
    ):
        assert (found["lastUsedAt"], found["usedBy"]) == (use["time"], ["reports"])
    refused = await watching.get("/audit", headers={"X-Vault-Token": component})
    assert refused.status_code == 403
    rolled = await watching.post(
        f"/secrets/{secret_id}/versions", json={"value": "2"}, headers=people["developer"].headers
    )
    assert rolled.status_code == 201
    rolled = await watching.post(
        f"/secrets/{secret_id}/rollback", json={"version": 1}, headers=people["developer"].headers
    )
    assert rolled.status_code == 201, rolled.text
    await until(watching, admin, 1, q=fresh, act="rolled_back")
    again = (await watching.get(f"/secrets/{secret_id}", headers=viewer.headers)).json()
    assert again["lastUsedAt"] == use["time"]  # copying a value for somebody is no use of it
    assert path == (await page(watching, admin, q=fresh, act="rolled_back"))["events"][0]["secret"]


async def test_the_author_is_who_the_log_names(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    developer, admin = people["developer"], people["admin"]
    secret_id = await created(watching, developer, fresh)
    path = f"environment/production/{fresh}"
    await bao(server, admin, "kv", "put", "-mount=status", path, "value=-", stdin="by hand")
    forged = '{"by":"viewer","at":"2026-11-25T10:00:00.000Z","op":"updated"}'
    await bao(server, developer, "kv", "put", "-mount=status", path, "value=-", stdin="by hand again")
    await bao(server, developer, "kv", "metadata", "patch", "-mount=status", f"-custom-metadata=v3={forged}", path)
    await until(watching, admin, 3, q=fresh, act="created,updated")
    versions = (await watching.get(f"/secrets/{secret_id}/versions", headers=admin.headers)).json()
    assert [(one["version"], one["createdBy"], one["flags"]) for one in versions] == [
        (3, developer.name, ["author_differs"]),
        (2, admin.name, ["record_missing"]),
        (1, developer.name, []),
    ]
    assert versions[1]["origin"] == "outside"
    listed = (await watching.get("/secrets", params={"q": fresh}, headers=admin.headers)).json()
    for seen in (*listed, (await watching.get(f"/secrets/{secret_id}", headers=admin.headers)).json()):
        assert (seen["changedBy"], seen["flags"]) == (developer.name, ["author_differs"])


async def test_dropped_records_are_told_from_the_log(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    developer, admin = people["developer"], people["admin"]
    secret_id = await created(watching, developer, fresh)
    change = {"value": "second", "reason": "quarterly rotation"}
    await watching.post(f"/secrets/{secret_id}/versions", json=change, headers=developer.headers)
    path = f"environment/production/{fresh}"
    await bao(server, admin, "kv", "metadata", "put", "-mount=status", "-custom-metadata=type=password", path)
    await until(watching, admin, 3, q=fresh, act="created,updated,edited")
    versions = (await watching.get(f"/secrets/{secret_id}/versions", headers=admin.headers)).json()
    assert [(one["createdBy"], one["reason"], one["origin"], one["flags"]) for one in versions] == [
        (developer.name, "quarterly rotation", "updated", ["record_missing"]),
        (developer.name, f"made for {fresh}", "created", ["record_missing"]),
    ]
    (wiped,) = (await page(watching, admin, q=fresh, act="edited"))["events"]
    assert wiped["flags"] == ["metadata_replaced"]


def test_the_settings_name_the_log(tmp_path: object) -> None:
    from adapter.service.auditing import place_of

    settings = load_settings(vault_addr="http://127.0.0.1:1", audit_log="one.log,two.log")
    place = place_of(settings)
    assert place is not None
    assert [log.name for log in place.logs] == ["one.log", "two.log"]
    other = place_of(load_settings(vault_addr="http://127.0.0.1:1", audit_log="one.log"))
    assert other is not None
    assert other.index != place.index
    assert place_of(load_settings(vault_addr="http://127.0.0.1:1")) is None
