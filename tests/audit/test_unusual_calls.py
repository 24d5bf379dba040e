"""`GET /audit/unusual` and the flags of events, on the real server's log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.support.bao_cli import bao
from tests.support.server import People, Server


async def until(ask: Callable[[], Awaitable[Any]], seconds: float = 8) -> Any:
    """What `ask` finds, once it finds something."""
    for _ in range(int(seconds / 0.1)):
        if found := await ask():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come")


async def test_a_burst_of_denials_is_found_and_flagged(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    developer, viewer, admin = people["developer"], people["viewer"], people["admin"]
    made = await watching.post(
        "secrets", json={"name": fresh, "type": "PASSWORD", "value": "v-31c4"}, headers=developer.headers
    )
    assert made.status_code == 201
    where = f"secrets/environment~production~{fresh}"
    for _ in range(6):
        assert (await watching.post(f"{where}/value", json={}, headers=viewer.headers)).status_code == 403

    async def findings() -> Any:
        answer = await watching.get("audit/unusual", headers=admin.headers)
        assert answer.status_code == 200, answer.text
        return [
            one
            for one in answer.json()["findings"]
            if one["rule"] == "denial_burst" and one["actor"] == viewer.name and one["count"] >= 6
        ]

    (found,) = await until(findings)
    assert found["words"].startswith(f"{viewer.name} was denied ")
    assert found["last"] >= found["first"]
    body = (await watching.get("audit/unusual", headers=admin.headers)).json()
    assert {"name", "what", "on"} == set(body["rules"][0])
    counted = (await watching.get("audit/unusual", params={"limit": 0}, headers=admin.headers)).json()
    assert counted["findings"] == []
    assert counted["count"] >= 1

    params = {"secret": f"environment/production/{fresh}", "outcome": "denied"}
    events = (await watching.get("audit", params=params, headers=admin.headers)).json()["events"]
    assert len(events) == 6
    assert all("denial_burst" in one["flags"] for one in events)
    assert all(one["requestIds"][0] in found["requestIds"] for one in events)


async def test_a_rollback_and_a_rename_are_usual(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    developer, admin = people["developer"], people["admin"]
    new = {"name": fresh, "type": "PASSWORD", "value": "v-31c4"}
    assert (await watching.post("secrets", json=new, headers=developer.headers)).status_code == 201
    where = f"secrets/environment~production~{fresh}"
    for call, body in (("versions", {"value": "w-31c4"}), ("rollback", {"version": 1})):
        assert (await watching.post(f"{where}/{call}", json=body, headers=developer.headers)).status_code == 201
    renamed = await watching.patch(where, json={"name": f"{fresh}x"}, headers=developer.headers)
    assert renamed.status_code == 200, renamed.text

    async def acts() -> Any:
        params = {"q": fresh, "act": "rolled_back,renamed"}
        events = (await watching.get("audit", params=params, headers=admin.headers)).json()["events"]
        return events if {one["act"] for one in events} == {"rolled_back", "renamed"} else []

    for one in await until(acts):
        assert one["actor"] == developer.name
        assert not {"act_without_intent", "act_unproven"} & set(one["flags"]), one


async def test_the_use_of_an_expired_secret_is_marked_once_anybody_saw_its_expiry(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    """No ADMIN looks at what is unusual: a viewer's list is enough."""
    headers, place = people["admin"].headers, f"environment/production/{fresh}"
    await bao(server, people["admin"], "kv", "put", "-mount=status", place, "value=-", stdin="by hand")
    expired = "-custom-metadata=expires_at=2026-01-01T00:00:00Z"
    await bao(server, people["admin"], "kv", "metadata", "patch", "-mount=status", expired, place)
    await bao(server, people["admin"], "kv", "get", "-mount=status", "-field=value", place)

    async def used() -> Any:
        events = (await watching.get("audit", params={"secret": place, "act": "used"}, headers=headers)).json()[
            "events"
        ]
        return [event["flags"] for event in events if event["version"]]

    assert "expired_use" not in (await until(used))[0]
    assert (await watching.get("secrets", headers=people["viewer"].headers)).status_code == 200

    async def marked() -> Any:
        return [flags for flags in await used() if "expired_use" in flags]

    assert len(await until(marked)) == 1


async def test_only_an_admin_sees_what_is_unusual(watching: httpx.AsyncClient, people: People) -> None:
    for name in ("viewer", "developer", "outsider"):
        answer = await watching.get("audit/unusual", headers=people[name].headers)
        assert answer.status_code == 403
        assert answer.json()["code"] == "not_allowed"


async def test_what_does_not_fit_is_refused(watching: httpx.AsyncClient, people: People) -> None:
    for params in ({"from": "soon"}, {"limit": -1}, {"limit": 5000}):
        answer = await watching.get("audit/unusual", params=params, headers=people["admin"].headers)
        assert answer.status_code == 400
