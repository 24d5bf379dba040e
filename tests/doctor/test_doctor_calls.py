"""The doctor over HTTP: what it finds and mends for an ADMIN, and nothing for anybody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from adapter.model.address import Address
from adapter.model.intents import reading_note
from adapter.model.records import iso
from adapter.service.app import Services
from adapter.service.doctor import CHECKS, callers
from adapter.settings import load_settings
from adapter.vault import Caller
from adapter.vault.kv import KvStore
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


async def test_the_intent_of_a_backup_that_ended_early_is_taken_away(
    api: httpx.AsyncClient, server: Server, people: People
) -> None:
    headers, place, key = people["admin"].headers, Address(".scopes/environment/development"), "pending_0123456789ab"
    body = {"checks": ["unfinished-acts"]}
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(people["admin"].token)))
        for at, found in (("2026-01-01T00:00:00.000Z", 1), (iso(datetime.now(UTC)), 0)):
            await store.patch_custom(place, {key: reading_note("backed_up", "admin", at, "nightly", [])})
            mended = findings(await api.post("doctor/repair", json=body, headers=headers), "environment/development:")
            assert [one["repairable"] for one in mended] == [True] * found
            assert (key in (await store.metadata(place)).custom) is (found == 0)
        await store.patch_custom(place, {key: None})


async def test_a_vault_that_does_not_see_the_callers(
    server: Server, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    if server.audit_log is None:
        pytest.skip("the log of a server that was given is not ours to read")
    settings = load_settings(vault_addr=server.url, audit_log=(server.audit_log,))
    caller = Caller(people["admin"].token, address="10.0.0.7")
    async with server.vault() as vault:
        services = Services(vault)
        assert await callers.look(services.act(caller), settings) == []
        assert await callers.look(services.act(replace(caller, address=None)), settings) == []
        honest = Caller.headers
        monkeypatch.setattr(  # as a listener would that does not list the adapter
            Caller,
            "headers",
            lambda self: {name: text for name, text in honest(self).items() if name != "X-Forwarded-For"},
        )
        assert await callers.look(services.act(replace(caller, address=None)), settings) == []
        [finding] = await callers.look(services.act(caller), settings)
        assert "shows this adapter's address, 127.0.0.1, in place of its callers'" in finding.what
        assert finding.mend.startswith('Set x_forwarded_for_authorized_addrs = "127.0.0.1"')


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
