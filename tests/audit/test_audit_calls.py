"""The calls of the audit view in front of the real server: who sees what, filters, pages, files, the live stream."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from typing import Any

import httpx
import pytest

from adapter.service import following
from tests.support.server import People, Person

CANARY = "c4n4ry-audit"


async def created(api: httpx.AsyncClient, person: Person, name: str, scope: str = "environment/production") -> str:
    body = {"name": name, "type": "PASSWORD", "value": CANARY, "scope": scope, "reason": f"made for {name}"}
    answer = await api.post("/secrets", json=body, headers=person.headers | {"X-Status-Client": "tui/1"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def page(api: httpx.AsyncClient, person: Person, path: str = "/audit", **wanted: Any) -> dict[str, Any]:
    answer = await api.get(path, params=wanted, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def until(api: httpx.AsyncClient, person: Person, count: int, **wanted: Any) -> list[dict[str, Any]]:
    """The events that fit, oldest first, as soon as there are so many of them."""
    deadline = time.monotonic() + 20
    while True:
        answer = await page(api, person, **wanted)
        events: list[dict[str, Any]] = answer["events"][::-1]
        whole = len(events) >= count and not answer["reading"]["behindBytes"]
        if whole or time.monotonic() > deadline:
            assert len(events) == count, [event["act"] for event in events]
            return events
        await asyncio.sleep(0.02)


async def test_an_act_is_an_event_with_who_why_and_how(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    secret_id = await created(watching, people["developer"], fresh)
    (event,) = await until(watching, people["admin"], 1, secret=secret_id, act="created")
    assert {name: event[name] for name in event if name not in ("time", "requestIds", "address")} == {
        "actor": "developer", "actorKind": "person", "role": "DEVELOPER", "act": "created", "version": 1,
        "secret": f"environment/production/{fresh}", "scope": "environment/production", "outcome": "done",
        "reason": f"made for {fresh}", "component": None, "client": "tui/1", "flags": [],
    }  # fmt: skip
    assert event["address"] == "127.0.0.1"


async def test_who_sees_which_events(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    secret_id = await created(watching, people["developer"], fresh)
    await until(watching, people["admin"], 1, secret=secret_id, act="created")
    for name in ("viewer", "developer"):
        events = (await page(watching, people[name], limit=1000))["events"]
        assert any(event["secret"] == f"environment/production/{fresh}" for event in events)
        assert not {event["act"] for event in events} & {"signed_in", "policy_changed", "granted", "other"}
        rest = (await page(watching, people[name], limit=1000, act="-viewed,-used"))["events"]
        assert not {event["act"] for event in rest} & {"signed_in", "policy_changed", "granted", "other", "viewed"}
    assert {event["act"] for event in (await page(watching, people["admin"], limit=1000))["events"]} >= {
        "signed_in", "policy_changed", "granted",
    }  # fmt: skip
    refused = await watching.get("/audit", headers=people["outsider"].headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    refused = await watching.get(f"/secrets/{secret_id}/audit", headers=people["outsider"].headers)
    assert refused.status_code == 403


async def test_a_secrets_own_events(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    secret_id = await created(watching, people["developer"], fresh)
    await until(watching, people["admin"], 1, secret=secret_id, act="created")
    own = await page(watching, people["viewer"], f"/secrets/{secret_id}/audit")
    assert [event["act"] for event in own["events"]] == ["created"]
    await watching.request("DELETE", f"/secrets/{secret_id}", headers=people["admin"].headers)
    await until(watching, people["admin"], 2, secret=secret_id, act="created,deleted")
    gone = await page(watching, people["viewer"], f"/secrets/{secret_id}/audit")
    assert [event["act"] for event in gone["events"]] == ["deleted", "created"]
    missing = await watching.get("/secrets/global~never_was/audit", headers=people["viewer"].headers)
    assert missing.status_code == 404


async def test_pages_are_whole_and_without_repeats(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin = people["admin"]
    for number in range(5):
        await created(watching, people["developer"], f"{fresh}_{number}", "global")
    await until(watching, admin, 5, q=fresh, act="created")
    seen, cursor = list[str](), None
    while True:
        wanted = {"q": fresh, "limit": 2} | ({"cursor": cursor} if cursor else {})
        found = await page(watching, admin, **wanted)
        assert found["total"] == 5
        seen += [event["secret"] for event in found["events"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == [f"global/{fresh}_{number}" for number in range(4, -1, -1)]


async def test_as_files(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    await created(watching, people["developer"], fresh, "global")
    await until(watching, people["admin"], 1, q=fresh, act="created")
    lines = await watching.get("/audit", params={"q": fresh, "format": "jsonl"}, headers=people["admin"].headers)
    assert [json.loads(line)["secret"] for line in lines.text.splitlines()] == [f"global/{fresh}"]
    headers = people["admin"].headers | {"Accept": "text/csv"}
    table = await watching.get("/audit", params={"q": fresh}, headers=headers)
    (row,) = csv.DictReader(io.StringIO(table.text))
    assert (row["actor"], row["actorKind"], row["secret"]) == ("developer", "person", f"global/{fresh}")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"act": "eaten"}, "act"), ({"outcome": "good"}, "outcome"), ({"from": "soon"}, "from"),
        ({"cursor": "x"}, "cursor"), ({"limit": "0"}, "limit"), ({"limit": "many"}, "limit"), ({"colour": "red"}, ""),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_named(
    watching: httpx.AsyncClient, people: People, query: dict[str, str], field: str
) -> None:
    answer = await watching.get("/audit", params=query, headers=people["admin"].headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not field or answer.json()["errors"][0]["field"] == field


async def test_without_a_log_there_is_no_view(api: httpx.AsyncClient, people: People) -> None:
    for path in ("/audit", "/audit/stream"):
        answer = await api.get(path, headers=people["admin"].headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert "STATUS_AUDIT_LOG" in answer.json()["hint"]


async def streamed(
    api: httpx.AsyncClient, person: Person, count: int, started: asyncio.Event, after: str = "", **wanted: Any
) -> list[tuple[str, dict[str, Any], float]]:
    """The first events of a live stream: id, event, when it came."""
    headers = person.headers | ({"Last-Event-ID": after} if after else {})
    found: list[tuple[str, dict[str, Any], float]] = []
    async with api.stream("GET", "/audit/stream", params=wanted, headers=headers) as answer:
        assert answer.status_code == 200
        last = ""
        async for line in answer.aiter_lines():
            started.set()
            if line.startswith("id: "):
                last = line[4:]
            if line.startswith("data: "):
                found.append((last, json.loads(line[6:]), time.monotonic()))
                if len(found) == count:
                    return found
    raise AssertionError("the stream ended")


async def test_the_stream_shows_it_at_once_and_resumes(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    started = asyncio.Event()
    live = asyncio.create_task(streamed(watching, people["viewer"], 1, started, q=fresh, act="created"))
    await asyncio.wait_for(started.wait(), 5)
    await created(watching, people["developer"], fresh, "global")
    ((last, event, _),) = await asyncio.wait_for(live, 20)
    assert (event["act"], event["secret"]) == ("created", f"global/{fresh}")
    await created(watching, people["developer"], f"{fresh}_2", "global")
    await until(watching, people["admin"], 2, q=fresh, act="created")
    ((_, second, _),) = await asyncio.wait_for(
        streamed(watching, people["viewer"], 1, asyncio.Event(), last, q=f"{fresh}_2", act="created"), 5
    )
    assert second["secret"] == f"global/{fresh}_2"


async def test_the_stream_tells_an_act_once(
    watching: httpx.AsyncClient, people: People, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as a look, then an edit that is not finished, then what it was."""
    monkeypatch.setattr(following, "WAIT_FOR_ACT", 2.0)  # the machine may be busy
    started = asyncio.Event()
    live = asyncio.create_task(streamed(watching, people["admin"], 3, started, q=fresh))
    await asyncio.wait_for(started.wait(), 5)
    secret_id = await created(watching, people["developer"], fresh, "global")
    await watching.post(f"/secrets/{secret_id}/versions", json={"value": "2"}, headers=people["developer"].headers)
    await watching.request("DELETE", f"/secrets/{secret_id}", headers=people["admin"].headers)
    told = [event["act"] for _, event, _ in await asyncio.wait_for(live, 5)]
    assert [act for at, act in enumerate(told) if act not in told[:at]] == ["created", "updated", "deleted"][
        : len(set(told))
    ]
    assert not set(told) & {"viewed", "edited"}


async def test_the_stream_ends_with_the_token(
    watching: httpx.AsyncClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "ASK_AGAIN", 0.2)
    body = {"method": "userpass", "username": people["viewer"].name}
    body["password"] = people["viewer"].password.get_secret_value()
    token = (await watching.post("/auth/login", json=body)).json()["token"]
    headers = {"X-Vault-Token": token}
    async with watching.stream("GET", "/audit/stream", headers=headers) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        assert (await watching.post("/auth/logout", headers=headers)).status_code == 204
        async with asyncio.timeout(5):
            async for _ in lines:
                pass
