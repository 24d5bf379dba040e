"""A query parameter that a call does not know is refused; every one that it documents is not."""

from __future__ import annotations

import httpx
import pytest

from tests.support.server import People


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/secrets?scop=environment/production", "scope"),
        ("/secrets?foo=1&scope=environment/production", "scope"),
        ("/grants?user=person:x", "who"),
        ("/secrets/environment~production~x/compare?from=1&until=2", "from, to"),
        ("/me?foo", "none"),
        ("/people?q=c4n4ry", "none"),
        ("/audit?sekret=x", ""),
    ],
)
async def test_a_typo_is_refused(api: httpx.AsyncClient, people: People, path: str, known: str) -> None:
    answer = await api.get(path, headers=people["admin"].headers)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (400, "invalid"), body
    assert known in body["hint"]
    assert not {"scop=", "foo", "until", "c4n4ry", "sekret"} & set(body["detail"].split() + body["hint"].split())


async def test_every_documented_one_is_known(api: httpx.AsyncClient, people: People) -> None:
    document = (await api.get("/openapi.json?v=1")).json()
    asked = 0
    for path, calls in document["paths"].items():
        call = calls.get("get")
        names = [one["name"] for one in (call or {}).get("parameters", []) if one["in"] == "query"]
        if not names or "{" in path or "stream" in path or path.endswith("/events"):
            continue
        for name in names:
            answer = await api.get(path.removeprefix("/api/v1"), params={name: "1"}, headers=people["admin"].headers)
            assert "does not know" not in answer.text, (path, name)
            asked += 1
    assert asked > 20


async def test_who_looks_whether_it_is_well_may_add_what_they_like(api: httpx.AsyncClient) -> None:
    for path in ("/health?probe=1", "/metrics?name=x"):
        assert (await api.get(path)).status_code == 200
