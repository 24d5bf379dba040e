"""What other sites' pages can make a browser send with the platform's cookie."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.support.platform import ORIGIN, claims, signed

JSON = "application/json"


@pytest.mark.parametrize(
    ("origin", "kind", "status"),
    [
        (ORIGIN, JSON, 201),
        (ORIGIN, "Application/JSON; charset=utf-8", 201),
        (None, JSON, 403),
        ("null", JSON, 403),
        ("https://evil.example", JSON, 403),
        (f"{ORIGIN}.evil.example", JSON, 403),
        (ORIGIN.upper(), JSON, 403),
        ("http://status.example.org", JSON, 403),
        (f"{ORIGIN}:444", JSON, 403),
        (ORIGIN, None, 403),
        (ORIGIN, "text/plain", 403),
        (ORIGIN, "application/x-www-form-urlencoded", 403),
        (ORIGIN, "multipart/form-data", 403),
        (ORIGIN, "text/plain; application/json", 403),
    ],
)
async def test_changes_with_the_cookie_come_from_an_allowed_page(
    platform: httpx.AsyncClient, user_id: int, fresh: str, origin: str | None, kind: str | None, status: int
) -> None:
    headers = {"Cookie": f"accessToken={signed(claims(user_id))}"}
    headers |= {"Origin": origin} if origin else {}
    headers |= {"Content-Type": kind} if kind else {}
    body = json.dumps({"name": fresh, "type": "PASSWORD", "value": "c4n4ry"}).encode()
    answer = await platform.post("/secrets", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert ("message" in answer.json(), "c4n4ry" in answer.text) == (True, status == 201)
    seen = await platform.get(f"/secrets/environment~production~{fresh}", headers={"Cookie": headers["Cookie"]})
    assert seen.status_code == (200 if status == 201 else 404), "a GET needs neither"


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_no_method_that_changes_is_left_out(platform: httpx.AsyncClient, user_id: int, method: str) -> None:
    headers = {"Cookie": f"accessToken={signed(claims(user_id))}", "Content-Type": JSON}
    for path in ("/secrets/global~x", "/secrets/global~x/versions", "/secrets/global~x/value", "/auth/logout"):
        answer = await platform.request(method, path, json={}, headers=headers)
        assert answer.status_code in (403, 405)


async def test_the_other_places_need_no_origin(platform: httpx.AsyncClient, user_id: int, fresh: str) -> None:
    headers = {"x-access-token": signed(claims(user_id))}
    body = {"name": fresh, "type": "PASSWORD", "value": "x"}
    assert (await platform.post("/secrets", json=body, headers=headers)).status_code == 201
