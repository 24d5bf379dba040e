"""The doctor over HTTP: what it finds and mends for an ADMIN, and nothing for anybody else."""

from __future__ import annotations

from typing import Any

import httpx

from adapter.service.doctor import CHECKS
from tests.cli.test_doctor import CANARY, leave_behind
from tests.support.server import People, Server


def findings(answer: httpx.Response, name: str) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert CANARY not in answer.text
    checks = {one["check"]: one for one in answer.json()}
    assert checks["unfinished-acts"]["problem"] is None
    return [found for found in checks["unfinished-acts"]["findings"] if name in found["what"]]


async def test_what_was_left_is_found_mended_and_found_no_more(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    headers = people["admin"].headers
    await leave_behind(server, fresh)
    looked = await api.get("doctor", headers=headers)
    assert [one["check"] for one in looked.json()] == [one.name for one in CHECKS]
    found = findings(looked, fresh)
    assert [(one["repairable"], one["done"]) for one in found] == [(True, None)] * 2
    body = {"checks": ["unfinished-acts"], "reason": "after the power cut"}
    mended = await api.post("doctor/repair", json=body, headers=headers)
    assert [one["check"] for one in mended.json()] == ["unfinished-acts"]
    assert [fresh in one["done"] for one in findings(mended, fresh)] == [True, True]
    assert not findings(await api.post("doctor/repair", json=body, headers=headers), fresh)


async def test_nobody_else_is_told_anything(api: httpx.AsyncClient, people: People) -> None:
    for headers, status in (
        (people["viewer"].headers, 403),
        (people["developer"].headers, 403),
        ({"X-Vault-Token": "s.none"}, 401),
        ({}, 401),
    ):
        for answer in (await api.get("doctor", headers=headers), await api.post("doctor/repair", headers=headers)):
            assert answer.status_code == status
            assert answer.json()["hint"]


async def test_a_check_that_is_none_is_refused_before_anything_is_mended(
    api: httpx.AsyncClient, people: People
) -> None:
    body = {"checks": ["unfinished-acts", "c4n4ry"]}
    answer = await api.post("doctor/repair", json=body, headers=people["admin"].headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "checks")
    assert "unfinished-acts" in answer.json()["hint"]
    assert "c4n4ry" not in answer.text
