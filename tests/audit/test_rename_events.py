"""A rename and a move in the audit view: one event each, of the person, and no use; authors stay those of before."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.audit.test_audit_calls import created, page
from tests.support.server import People


async def told(api: httpx.AsyncClient, people: People, name: str, last: str) -> list[dict[str, Any]]:
    """The events about a name, oldest first, once the one of `last` is there and all of the log has been read."""
    async with asyncio.timeout(60):
        while True:
            answer = await page(api, people["admin"], q=name, limit=1000)
            events: list[dict[str, Any]] = answer["events"][::-1]
            if any(event["act"] == last for event in events) and not answer["reading"]["behindBytes"]:
                return events
            await asyncio.sleep(0.2)


async def test_each_is_one_event_of_the_person(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    developer, admin = people["developer"], people["admin"]
    identity = await created(watching, developer, fresh)
    await watching.post(f"/secrets/{identity}/versions", json={"value": "two"}, headers=developer.headers)
    await watching.delete(f"/secrets/{identity}/versions/1", headers=developer.headers)
    renamed = {"name": f"{fresh}-n", "reason": "clearer"}
    assert (await watching.patch(f"/secrets/{identity}", json=renamed, headers=admin.headers)).is_success
    moved = {"scope": "global", "reason": "for all"}
    assert (await watching.patch(f"/secrets/{identity}-n", json=moved, headers=admin.headers)).is_success
    events = await told(watching, people, fresh, "moved")
    assert [(event["actor"], event["act"], event["secret"].rpartition("/")[2], event["flags"]) for event in events] == [
        (developer.name, "created", fresh, []),
        (developer.name, "updated", fresh, []),
        (developer.name, "version_deleted", fresh, []),
        (admin.name, "renamed", fresh, []),
        (admin.name, "moved", f"{fresh}-n", []),
    ]
    assert [event["reason"] for event in events[-2:]] == ["clearer", "for all"]
    (now,) = (await watching.get(f"/secrets?q={fresh}", headers=people["viewer"].headers)).json()
    assert (now["lastUsedAt"], now["usedBy"], now["changedBy"], now["flags"]) == (None, [], developer.name, [])
    versions = (await watching.get(f"/secrets/{now['id']}/versions", headers=people["viewer"].headers)).json()
    assert [(one["createdBy"], one["flags"]) for one in versions] == [(developer.name, [])] * 2
