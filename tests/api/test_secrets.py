"""The secrets resource over HTTP, on the real server."""

import json
from typing import Any

import httpx
import pytest

from adapter.model.address import Address
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.support.server import People, Person, Server

CANARY = "c4n4ry-0815-v4lue"


async def create(api: httpx.AsyncClient, person: Person, name: str, **more: Any) -> httpx.Response:
    body = {"name": name, "type": "PASSWORD", "value": CANARY, **more}
    return await api.post("/secrets", json=body, headers=person.headers)


async def test_the_value_comes_back_once_and_never_again(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    developer = people["developer"]
    made = await create(api, developer, f"{fresh} Password", description="Main database", reason="first", tags=["db"])
    assert made.status_code == 201
    secret = made.json()
    assert secret["value"] == CANARY
    assert secret["message"] == f"{fresh}_password: version 1 created in environment/production"
    assert made.headers["Cache-Control"] == "no-store"
    expected = {
        "id": f"environment~production~{fresh}_password",
        "name": f"{fresh}_password",
        "type": "PASSWORD",
        "environment": "production",
        "scope": "environment/production",
        "description": "Main database",
        "createdBy": developer.name,
        "changedBy": developer.name,
        "reason": "first",
        "version": 1,
        "tags": ["db"],
        "flags": [],
        "lastUsedAt": None,
    }
    assert expected.items() <= secret.items()
    for person in ("viewer", "developer", "admin"):
        for path in ("/secrets", f"/secrets/{secret['id']}"):
            answer = await api.get(path, headers=people[person].headers)
            assert answer.status_code == 200
            assert CANARY not in answer.text
    seen = (await api.get(f"/secrets/{secret['id']}", headers=people["viewer"].headers)).json()
    assert seen["value"] == "********"
    assert seen == {**{key: value for key, value in secret.items() if key != "message"}, "value": "********"}


async def test_a_second_one_of_the_name_is_refused(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    assert (await create(api, people["developer"], fresh)).status_code == 201
    again = await create(api, people["developer"], fresh.upper(), value="other", description="other")
    assert (again.status_code, again.json()["code"]) == (409, "exists")
    seen = await api.get(f"/secrets/environment~production~{fresh}", headers=people["viewer"].headers)
    assert (seen.json()["version"], seen.json()["description"]) == (1, "")


@pytest.mark.parametrize(
    ("more", "scope", "environment"),
    [
        ({}, "environment/production", "production"),
        ({"environment": "staging"}, "environment/staging", "staging"),
        ({"scope": "global"}, "global", None),
        ({"scope": "environment/development", "environment": "staging"}, "environment/development", "development"),
    ],
)
async def test_where_a_secret_goes(
    api: httpx.AsyncClient, people: People, fresh: str, more: dict[str, str], scope: str, environment: str | None
) -> None:
    secret = (await create(api, people["developer"], fresh, **more)).json()
    assert (secret["scope"], secret["environment"]) == (scope, environment)


@pytest.mark.parametrize("kind", ["PASSWORD", "API_KEY", "TOKEN", "CUSTOM", "OTHER"])
async def test_a_type_is_answered_as_it_was_sent(api: httpx.AsyncClient, people: People, fresh: str, kind: str) -> None:
    assert (await create(api, people["developer"], fresh, type=kind)).json()["type"] == kind


async def test_a_new_value_is_a_new_version(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    developer = people["developer"].headers
    path = f"/secrets/{(await create(api, people['developer'], fresh)).json()['id']}"
    change = {"value": CANARY + "2", "reason": "quarterly rotation", "ifVersion": 1}
    answer = await api.patch(path, json=change, headers=developer)
    assert answer.status_code == 200
    assert CANARY not in answer.text
    secret = answer.json()
    assert (secret["version"], secret["reason"], secret["value"]) == (2, "quarterly rotation", "********")
    assert secret["rotatedAt"] > secret["createdAt"]
    late = await api.patch(path, json=change, headers=developer)
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert (await api.get(path, headers=developer)).json()["version"] == 2


async def test_details_change_without_a_new_version(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    path = f"/secrets/{(await create(api, people['developer'], fresh, description='old')).json()['id']}"
    change = {"description": None, "tags": ["a", "b"], "expiresAt": "2099-01-01", "usage": "reports", "type": "API_KEY"}
    answer = await api.patch(path, json={**change, "rotateEvery": "90d"}, headers=people["developer"].headers)
    secret = answer.json()
    assert answer.status_code == 200
    assert (secret["version"], secret["description"], secret["tags"], secret["usage"]) == (1, "", ["a", "b"], "reports")
    assert (secret["expiresAt"], secret["rotateEvery"], secret["type"]) == (
        "2099-01-01T23:59:59.000Z",
        "90d",
        "API_KEY",
    )


@pytest.mark.parametrize(
    "change", [{}, {"reason": "x"}, {"value": ""}, {"value": " "}, {"value": None}, {"type": None}]
)
async def test_a_change_of_nothing(api: httpx.AsyncClient, people: People, fresh: str, change: Any) -> None:
    path = f"/secrets/{(await create(api, people['developer'], fresh)).json()['id']}"
    answer = await api.patch(path, json=change, headers=people["developer"].headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_only_an_admin_deletes_and_then_it_is_gone(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    path = f"/secrets/{(await create(api, people['developer'], fresh)).json()['id']}"
    for name in ("viewer", "developer"):
        answer = await api.request("DELETE", path, json={}, headers=people[name].headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert "ADMIN" in answer.json()["detail"]
    assert (await api.request("DELETE", path, json={}, headers=people["admin"].headers)).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await api.request(method, path, headers=people["admin"].headers)).status_code == 404


async def test_the_missing_role_is_named(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    answer = await create(api, people["viewer"], fresh)
    assert answer.status_code == 403
    assert "DEVELOPER" in answer.json()["detail"]
    assert "environment/production" in answer.json()["detail"]
    assert "ADMIN" in answer.json()["hint"]
    path = f"/secrets/{(await create(api, people['developer'], fresh)).json()['id']}"
    assert (await api.patch(path, json={"description": "x"}, headers=people["viewer"].headers)).status_code == 403


async def test_a_missing_scope_is_told_to_an_admin_only(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin = await create(api, people["admin"], fresh, scope="environment/nowhere")
    assert (admin.status_code, admin.json()["errors"][0]["field"]) == (400, "scope")
    assert "status-secrets scopes add environment/nowhere" in admin.json()["hint"]
    nowhere = await create(api, people["outsider"], fresh, scope="environment/nowhere")
    there = await create(api, people["outsider"], fresh, scope="environment/staging")
    assert nowhere.status_code == there.status_code == 403
    assert nowhere.text.replace("nowhere", "staging") == there.text
    assert "ADMIN can" in there.json()["hint"]


async def test_an_outsider_cannot_tell_what_exists(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    there = (await create(api, people["developer"], fresh)).json()["id"]
    outsider = people["outsider"].headers
    answers = [await api.get(f"/secrets/{name}", headers=outsider) for name in (there, f"{there}x", "service~a~b")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert (await api.get("/secrets", headers=outsider)).json() == []
    for name in (there, f"{there}x"):
        assert (await api.patch(f"/secrets/{name}", json={"usage": "x"}, headers=outsider)).status_code == 403
        assert (await api.delete(f"/secrets/{name}", headers=outsider)).status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "a/b"}, "name"),
        ({"name": ".."}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "x" * 5000}, "name"),
        ({"name": 7}, "name"),
        ({"name": None}, "name"),
        ({"type": "NUCLEAR"}, "type"),
        ({"value": ""}, "value"),
        ({"value": 7}, "value"),
        ({"scope": "nowhere"}, "scope"),
        ({"environment": "Prod Uction"}, "environment"),
        ({"description": "a\nb"}, "description"),
        ({"description": "x" * 513}, "description"),
        ({"reason": "a\tb"}, "reason"),
        ({"reason": "ü" * 151}, "reason"),
        ({"expiresAt": "2001-01-01"}, "expiresAt"),
        ({"expiresAt": "soon"}, "expiresAt"),
        ({"rotateEvery": "often"}, "rotateEvery"),
        ({"tags": ["a,b"]}, "tags"),
    ],
)
async def test_a_field_that_does_not_fit_is_named_and_nothing_is_made(
    api: httpx.AsyncClient, people: People, fresh: str, change: dict[str, Any], field: str
) -> None:
    answer = await create(api, people["developer"], **{"name": fresh, "tags": [fresh], **change})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == field
    assert answer.json()["message"]
    assert answer.json()["hint"]
    assert CANARY not in answer.text
    assert (await api.get(f"/secrets?tag={fresh}", headers=people["developer"].headers)).json() == []


@pytest.mark.parametrize(
    "content", [b"{bad", b"", b"null", b"[]", b'"x"', b"\xff\xfe", b"[" * 90, b'{"name": "\\ud800"}', b"NaN"]
)
async def test_a_body_that_is_no_json_object(api: httpx.AsyncClient, people: People, content: bytes) -> None:
    headers = {**people["developer"].headers, "Content-Type": "application/json"}
    answer = await api.post("/secrets", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["hint"]


async def test_a_value_that_is_no_unicode_is_refused(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    headers = {**people["developer"].headers, "Content-Type": "application/json"}
    content = json.dumps({"name": fresh, "type": "PASSWORD", "value": "a\ud800b"})
    answer = await api.post("/secrets", content=content, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("size", [1_500_000, 5_000_000])
async def test_a_value_that_is_too_large(api: httpx.AsyncClient, people: People, fresh: str, size: int) -> None:
    answer = await create(api, people["developer"], fresh, value="x" * size)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "kB" in answer.json()["detail"] or "MB" in answer.json()["detail"]
    seen = await api.get(f"/secrets/environment~production~{fresh}", headers=people["developer"].headers)
    assert seen.status_code == 404


async def test_every_unknown_call_answers_in_the_same_shape(api: httpx.AsyncClient) -> None:
    for method, path, status in [("GET", "/nothing", 404), ("PUT", "/secrets", 405), ("GET", "/secrets/", 404)]:
        answer = await api.request(method, path)
        assert answer.status_code == status
        assert {"type", "title", "status", "code", "detail", "hint", "message"} <= answer.json().keys()


async def test_the_openapi_document_and_page_need_no_sign_in_and_nothing_from_elsewhere(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    assert {"/api/v1/secrets", "/api/v1/secrets/{secret_id}", "/api/v1/auth/login"} <= document["paths"].keys()
    assert "Problem" in document["components"]["schemas"]
    page = await api.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text
    assert (await api.get("/docs/static/swagger-ui-bundle.js")).status_code == 200


async def test_health_says_which_server_it_is(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["vault"] in ("openbao", "vault")


async def test_values_up_to_the_limit_are_kept_as_they_are(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    for number, value in enumerate(["x" * 1_039_900, "<" * 173_000, "ü€😀\n\t\x00\u2028" * 9, " x ", "\u202e"]):
        answer = await create(api, people["developer"], f"{fresh}-{number}", value=value)
        assert answer.status_code == 201, answer.text
        assert answer.json()["value"] == value
        async with server.vault() as vault:
            store = KvStore(vault.session(Caller(people["admin"].token)))
            kept = await store.read_version(Address(f"environment/production/{fresh}-{number}"), 1)
        assert kept["value"].get_secret_value() == value


async def test_after_a_refusal_the_name_is_free(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    assert (await create(api, people["developer"], fresh, value="<" * 200_000)).status_code == 413
    assert (await create(api, people["developer"], fresh)).status_code == 201
