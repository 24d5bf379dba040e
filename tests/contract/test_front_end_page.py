"""The secrets page of STATUS's front end, call by call as its contract has them, at a real adapter process."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from adapter.model.records import parse_time
from tests.contract.conftest import FRONT_END, OTHER_SITE, FrontEnd, Reply
from tests.support.platform import claims, signed
from tests.support.server import People, Person

CANARY = "c4n4ry-p4ge-v4lue"
MASKED = "********"
OLD_FIELDS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "name": str,
    "type": str,
    "environment": str,
    "createdBy": str,
    "version": int,
    "rotatedAt": str,
    "createdAt": str,
    "updatedAt": str,
    "value": str,
}


def bearer(person: Person) -> dict[str, str]:
    return person.headers


def check_secret(secret: dict[str, Any], value: str) -> None:
    """Every field of the contract, of its type; each time is ISO 8601 with its zone."""
    for field, kind in OLD_FIELDS.items():
        assert isinstance(secret[field], kind), field
    for field in ("rotatedAt", "createdAt", "updatedAt"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", secret[field]), field
        assert parse_time(secret[field])
    assert secret["value"] == value
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", secret["id"])


def check_readable_by_the_page(reply: Reply) -> None:
    assert reply.headers["access-control-allow-origin"] == FRONT_END
    assert reply.headers["access-control-allow-credentials"] == "true"


def check_error(reply: Reply, status: int) -> None:
    assert reply.status == status, reply.text
    assert isinstance(reply.json["message"], str)
    assert reply.json["message"]
    assert CANARY not in reply.text
    check_readable_by_the_page(reply)


@pytest.mark.parametrize("way", ["vault token", "Authorization", "x-access-token", "cookie"])
def test_the_life_of_a_secret(front_end: FrontEnd, people: People, fresh: str, way: str) -> None:
    """With a token of the vault, and with STATUS's own in each of its three places."""
    token = signed(claims(time.time_ns() // 1000))
    me = {
        "vault token": bearer(people["admin"]),
        "Authorization": {"Authorization": f"Bearer {token}"},
        "x-access-token": {"x-access-token": token},
        "cookie": {"Cookie": f"theme=dark; accessToken={token}; lang=en"},
    }[way]
    body = f'{{"name":"{fresh.upper()}  Db\\tPassword","type":"PASSWORD","value":"{CANARY}"}}'
    made = front_end.send("POST", "/api/v1/secrets", body, me)
    assert made.status == 201
    assert made.headers["content-type"] == "application/json"
    check_readable_by_the_page(made)
    check_secret(made.json, CANARY)
    secret = made.json
    assert secret["message"]
    assert (secret["name"], secret["environment"], secret["version"]) == (f"{fresh}_db_password", "production", 1)
    place = f"/api/v1/secrets/{secret['id']}"  # into the URL as it is

    listed = front_end.send("GET", "/api/v1/secrets", headers=me)
    assert listed.status == 200
    assert isinstance(listed.json, list)
    assert CANARY not in listed.text
    (mine,) = [entry for entry in listed.json if entry["id"] == secret["id"]]
    check_secret(mine, MASKED)

    one = front_end.send("GET", place, headers=me)
    assert (one.status, one.json) == (200, mine)

    again = front_end.send("POST", "/api/v1/secrets", body, me)
    check_error(again, 409)

    changed = front_end.send("PATCH", place, f'{{"value":"{CANARY}-2"}}', me)
    assert changed.status == 200
    check_secret(changed.json, MASKED)
    assert changed.json["message"]
    assert changed.json["version"] == 2
    assert changed.json["createdAt"] == secret["createdAt"]
    assert changed.json["rotatedAt"] > secret["rotatedAt"]

    kept = {"name": secret["name"], "type": "API_KEY", "environment": "production"}
    edited = front_end.send("PATCH", place, json.dumps(kept, separators=(",", ":")), me)
    assert edited.status == 200
    assert (edited.json["type"], edited.json["version"]) == ("API_KEY", 2)

    if way != "vault token":  # a DEVELOPER of STATUS deletes nothing for good
        check_error(front_end.send("DELETE", place, "{}", me), 403)
        me = bearer(people["admin"])
    gone = front_end.send("DELETE", place, "{}", me)
    assert (gone.status, gone.text) == (204, "")
    check_readable_by_the_page(gone)
    check_error(front_end.send("GET", place, headers=me), 404)
    check_error(front_end.send("DELETE", place, "{}", me), 404)


@pytest.mark.parametrize("sent", ["API_KEY", "TOKEN", "PASSWORD", "OTHER"])
def test_types_in_use_today_come_back_as_they_were_sent(
    front_end: FrontEnd, people: People, fresh: str, sent: str
) -> None:
    body = json.dumps({"name": fresh, "type": sent, "value": CANARY, "environment": "staging"})
    made = front_end.send("POST", "/api/v1/secrets", body, bearer(people["developer"]))
    assert (made.json["type"], made.json["environment"]) == (sent, "staging")


@pytest.mark.parametrize(
    "body",
    [
        '{"name":"%s","type":"PASSWORD"}',
        '{"name":"%s","type":"PASSWORD","value":""}',
        '{"name":"%s","type":"PASSWORD","value":"  "}',
        '{"name":"%s","type":"PASSWORD","value":null}',
        '{"name":["%s"],"type":"PASSWORD","value":"x"}',
        '{"name":7,"type":"PASSWORD","value":"%s"}',
        '{"name":null,"type":"PASSWORD","value":"%s"}',
        '{"name":"%s","value":"x"}',
        '{"name":"%s","type":"NO_SUCH","value":"x"}',
        '{"name":"%s","type":"PASSWORD","value":"x","colour":"red"}',
        '{"name":"%s"',
        "[]",
    ],
)
def test_what_cannot_be_created(front_end: FrontEnd, people: People, fresh: str, body: str) -> None:
    reply = front_end.send("POST", "/api/v1/secrets", body.replace("%s", fresh), bearer(people["developer"]))
    check_error(reply, 400)
    listed = front_end.send("GET", f"/api/v1/secrets?q={fresh}", headers=bearer(people["developer"]))
    assert listed.json == []


@pytest.mark.parametrize(
    "body", ["{}", '{"colour":"red"}', '{"value":""}', '{"value":"   "}', '{"name":7}', '{"name":""}', "[]", ""]
)
def test_what_changes_nothing(front_end: FrontEnd, people: People, fresh: str, body: str) -> None:
    me = bearer(people["developer"])
    made = front_end.send(
        "POST", "/api/v1/secrets", json.dumps({"name": fresh, "type": "PASSWORD", "value": CANARY}), me
    )
    place = f"/api/v1/secrets/{made.json['id']}"
    check_error(front_end.send("PATCH", place, body, me), 400)
    assert front_end.send("GET", place, headers=me).json["version"] == 1


def test_what_one_may_not_see_looks_as_if_it_were_not_there(front_end: FrontEnd, people: People, fresh: str) -> None:
    body = json.dumps({"name": fresh, "type": "PASSWORD", "value": CANARY})
    made = front_end.send("POST", "/api/v1/secrets", body, bearer(people["developer"]))
    outsider = bearer(people["outsider"])
    hidden = front_end.send("GET", f"/api/v1/secrets/{made.json['id']}", headers=outsider)
    check_error(hidden, 404)
    missing = front_end.send("GET", f"/api/v1/secrets/{made.json['id']}x", headers=outsider)
    assert hidden.json == missing.json
    assert front_end.send("GET", "/api/v1/secrets", headers=outsider).json == []
    for person, status in (("viewer", 403), ("developer", 403)):
        check_error(
            front_end.send("DELETE", f"/api/v1/secrets/{made.json['id']}", "{}", bearer(people[person])), status
        )


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer "}, {"x-access-token": "nonsense"}]
)
def test_without_a_token_that_is_good(front_end: FrontEnd, headers: dict[str, str]) -> None:
    for method, target, body in (
        ("GET", "/api/v1/secrets", None),
        ("GET", "/api/v1/secrets/environment~production~x", None),
        ("POST", "/api/v1/secrets", '{"name":"x","type":"PASSWORD","value":"x"}'),
        ("PATCH", "/api/v1/secrets/environment~production~x", '{"value":"x"}'),
        ("DELETE", "/api/v1/secrets/environment~production~x", "{}"),
    ):
        check_error(front_end.send(method, target, body, headers), 401)


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_the_browser_asks_before_each_call(front_end: FrontEnd, method: str) -> None:
    asked = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,last-event-id,x-access-token",
    }
    reply = front_end.send("OPTIONS", "/api/v1/secrets/environment~production~x", headers=asked)
    assert reply.status == 200
    check_readable_by_the_page(reply)
    assert method in reply.headers["access-control-allow-methods"]
    allowed = reply.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "x-access-token"))
    elsewhere = front_end.send("OPTIONS", "/api/v1/secrets", headers={**asked, "Origin": OTHER_SITE})
    assert elsewhere.headers.get("access-control-allow-origin") not in (OTHER_SITE, "*")


def test_another_sites_page_can_read_nothing(front_end: FrontEnd, people: People) -> None:
    headers = {**bearer(people["viewer"]), "Origin": OTHER_SITE}
    reply = front_end.send("GET", "/api/v1/secrets", headers=headers)
    assert "access-control-allow-origin" not in reply.headers


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"accessToken={token}"}


def test_a_cookie_of_status_that_is_no_good(front_end: FrontEnd) -> None:
    mine = claims(time.time_ns() // 1000)
    past = {**mine, "iat": mine["iat"] - 7200, "exp": mine["iat"] - 3600}
    for token, status in (
        (signed(past), 401),
        (signed(mine, "another key of thirty-two bytes!"), 401),
        (signed(mine)[:-3], 401),
        ("nonsense", 401),
        (signed({**mine, "authority": "OWNER"}), 403),
    ):
        check_error(front_end.send("GET", "/api/v1/secrets", headers=cookie(token)), status)


def test_another_sites_page_changes_nothing_with_the_browsers_cookie(front_end: FrontEnd, fresh: str) -> None:
    me = cookie(signed(claims(time.time_ns() // 1000)))
    body = json.dumps({"name": fresh, "type": "PASSWORD", "value": CANARY})
    forged = front_end.send("POST", "/api/v1/secrets", body, {**me, "Origin": OTHER_SITE})
    assert (forged.status, "access-control-allow-origin" in forged.headers) == (403, False)
    as_text = front_end.send("POST", "/api/v1/secrets", body, {**me, "Content-Type": "text/plain"})
    check_error(as_text, 403)
    assert front_end.send("GET", f"/api/v1/secrets?q={fresh}", headers=me).json == []
    assert front_end.send("POST", "/api/v1/secrets", body, me).status == 201


def test_a_user_of_status_sees_and_changes_nothing(front_end: FrontEnd, people: People, fresh: str) -> None:
    body = json.dumps({"name": fresh, "type": "PASSWORD", "value": CANARY})
    made = front_end.send("POST", "/api/v1/secrets", body, bearer(people["developer"]))
    me = cookie(signed({**claims(time.time_ns() // 1000), "authority": "USER"}))
    place = f"/api/v1/secrets/{made.json['id']}"
    check_secret(front_end.send("GET", place, headers=me).json, MASKED)
    for method, target, sent in (
        ("POST", "/api/v1/secrets", body.replace(fresh, f"{fresh}2")),
        ("PATCH", place, '{"value":"x"}'),
        ("DELETE", place, "{}"),
    ):
        check_error(front_end.send(method, target, sent, me), 403)


@pytest.mark.parametrize(("role_id", "secret_id"), [("", "x"), ("x", ""), ("", ""), ("x", "x")])
def test_an_approle_that_is_none_is_no_fault_of_the_adapter(front_end: FrontEnd, role_id: str, secret_id: str) -> None:
    body = json.dumps({"method": "approle", "roleId": role_id, "secretId": secret_id})
    check_error(front_end.send("POST", "/api/v1/auth/login", body), 401)
