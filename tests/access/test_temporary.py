"""Temporary access: one secret, for a while or a number of uses, and it ends by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from adapter.errors import Invalid
from adapter.model.address import Address
from adapter.model.temporary import Temporary, check_exact, parse
from tests.access.test_components import straight, unwrap
from tests.support.server import People, Server

CANARY = "c4n4ry-t3mporary"


@pytest.fixture
async def secret(api: httpx.AsyncClient, people: People, fresh: str) -> str:
    """The id of a secret beside another one of the same scope."""
    for name in (fresh, f"{fresh}2"):
        body = {"name": name, "type": "PASSWORD", "value": CANARY, "scope": "environment/staging"}
        assert (await api.post("/secrets", json=body, headers=people["admin"].headers)).status_code == 201
    return f"environment~staging~{fresh}"


async def give(api: httpx.AsyncClient, people: People, secret: str, **more: Any) -> httpx.Response:
    body = {"who": f"person:{people['outsider'].name}", "ttl": "5m", "reason": "incident 7", **more}
    return await api.post(f"/secrets/{secret}/temporary-access", json=body, headers=people["admin"].headers)


async def token_of(server: Server, given: httpx.Response) -> str:
    assert given.status_code == 201, given.text
    return str((await unwrap(server, given.json()["wrapToken"])).json()["auth"]["client_token"])


async def read(api: httpx.AsyncClient, secret: str, token: str) -> httpx.Response:
    return await api.post(f"/secrets/{secret}/value", json={}, headers={"X-Vault-Token": token})


async def listed(api: httpx.AsyncClient, people: People, secret: str) -> list[dict[str, Any]]:
    answer = await api.get("/temporary-access", headers=people["admin"].headers)
    return [one for one in answer.json() if one["secret"] == secret]


async def test_one_secret_a_number_of_times(
    api: httpx.AsyncClient, server: Server, people: People, secret: str
) -> None:
    given = await give(api, people, secret, uses=2)
    assert given.headers["Cache-Control"] == "no-store"
    assert CANARY not in given.text
    token = await token_of(server, given)
    assert (await unwrap(server, given.json()["wrapToken"])).status_code == 400
    (seen,) = await listed(api, people, secret)
    assert "wrapToken" not in seen
    assert seen["expiresAt"] == given.json()["expiresAt"]
    assert (seen["who"], seen["uses"], seen["usesLeft"]) == (f"person:{people['outsider'].name}", 2, 2)
    assert (seen["reason"], seen["by"]) == ("incident 7", people["admin"].name)
    assert (await read(api, secret, token)).json()["value"] == CANARY
    assert (await listed(api, people, secret))[0]["usesLeft"] == 1
    assert (await read(api, secret, token)).json()["value"] == CANARY
    assert (await read(api, secret, token)).status_code == 401
    assert await listed(api, people, secret) == []


async def test_nothing_else_with_it(api: httpx.AsyncClient, server: Server, people: People, secret: str) -> None:
    token = await token_of(server, await give(api, people, secret))
    place = secret.replace("~", "/")
    assert (await straight(server, "GET", f"status/data/{place}", token)).status_code == 200
    for method, path in (
        ("GET", f"status/data/{place}2"),
        ("GET", f"status/metadata/{place}"),
        ("POST", f"status/data/{place}"),
        ("DELETE", f"status/metadata/{place}"),
        ("LIST", "status/metadata/environment/staging/"),
        ("POST", "auth/token/create"),
        ("POST", "auth/token/renew-self"),
        ("GET", "sys/policies/acl/status-admin"),
    ):
        body = {"data": {"value": "x"}} if method == "POST" else None
        assert (await straight(server, method, path, token, body)).status_code == 403, path
    assert (await read(api, f"{secret}2", token)).status_code == 404
    assert (await api.get("/secrets", headers={"X-Vault-Token": token})).json() == []


async def test_it_ends_by_itself(api: httpx.AsyncClient, server: Server, people: People, secret: str) -> None:
    token = await token_of(server, await give(api, people, secret, ttl="1s"))
    await asyncio.sleep(1.3)
    assert (await read(api, secret, token)).status_code == 401
    assert await listed(api, people, secret) == []
    names = await straight(server, "LIST", "sys/policies/acl", server.token.get_secret_value())
    before = [name for name in names.json()["data"]["keys"] if name.startswith("status-temp-")]
    await give(api, people, secret)
    names = await straight(server, "LIST", "sys/policies/acl", server.token.get_secret_value())
    after = [name for name in names.json()["data"]["keys"] if name.startswith("status-temp-")]
    assert len(after) <= len(before)  # what has ended is swept away


async def test_it_is_taken_back_at_once(api: httpx.AsyncClient, server: Server, people: People, secret: str) -> None:
    given = await give(api, people, secret)
    token = await token_of(server, given)
    who = await api.get(f"/secrets/{secret}/access", headers=people["admin"].headers)
    (line,) = [one for one in who.json() if one["kind"] == "temporary"]
    assert (line["who"], line["use"], line["view"]) == (given.json()["who"], True, False)
    path = f"/temporary-access/{given.json()['id']}"
    assert (await api.delete(path, headers=people["developer"].headers)).status_code == 403
    assert (await read(api, secret, token)).status_code == 200
    assert (await api.delete(path, headers=people["admin"].headers)).status_code == 204
    assert (await read(api, secret, token)).status_code == 401
    assert (await api.delete(path, headers=people["admin"].headers)).status_code == 404
    assert await listed(api, people, secret) == []


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"ttl": "25h"}, 400, "ttl"),
        ({"ttl": "0s"}, 400, "ttl"),
        ({"uses": 0}, 400, "uses"),
        ({"uses": 1.5}, 400, "uses"),
        ({"reason": " "}, 400, "reason"),
        ({"who": "nobody"}, 400, "who"),
        ({"who": "person:nobody-of-that-name"}, 404, None),
    ],
)
async def test_what_is_not_given(
    api: httpx.AsyncClient, people: People, secret: str, change: dict[str, Any], status: int, field: str | None
) -> None:
    answer = await give(api, people, secret, **change)
    assert answer.status_code == status
    if field:
        assert answer.json()["errors"][0]["field"] == field
    assert await listed(api, people, secret) == []


async def test_not_for_a_secret_that_is_not_there_and_only_by_an_admin(
    api: httpx.AsyncClient, people: People, secret: str
) -> None:
    assert (await give(api, people, f"{secret}-none")).status_code == 404
    body = {"who": "person:x", "ttl": "5m", "reason": "r"}
    answers = [
        await api.post(f"/secrets/{name}/temporary-access", json=body, headers=people[who].headers)
        for who in ("viewer", "developer", "outsider")
        for name in (secret, f"{secret}-none")
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(403, answers[0].text)}


@pytest.mark.parametrize("path", ["global/a*", "global/+/b", 'global/"x"', "global/{{identity.entity.name}}"])
def test_a_path_that_would_be_a_pattern(path: str) -> None:
    with pytest.raises(Invalid):
        check_exact(Address(path))


def test_what_stands_in_a_policy_is_read_back() -> None:
    given = Temporary("ab", "person:ü", "global/x", "2026", "admin", "2025", 3, 'a "reason"\nof two lines', "acc")
    assert parse(given.title + '\npath "x" {}') == given
    for text in ("", "# other", given.title[:-1], "# STATUS Secrets: temporary access []"):
        assert parse(text) is None
