"""Many references in one call, on the real server."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from adapter.service.resolving import AT_ONCE
from adapter.vault.session import VaultSession
from tests.api.conftest import Make
from tests.support.server import People, Person

PRODUCTION = "environment/production"


async def resolve(api: httpx.AsyncClient, who: Person, *refs: str) -> list[dict[str, object]]:
    answer = await api.post("/resolve", json={"refs": list(refs), "reason": "start"}, headers=who.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    results: list[dict[str, object]] = answer.json()["results"]
    return results


async def test_each_is_answered_on_its_own_in_order(
    api: httpx.AsyncClient, user: Person, people: People, make: Make, fresh: str
) -> None:
    secret = await make("one")
    await api.post(f"/secrets/{secret}/versions", json={"value": "two"}, headers=people["developer"].headers)
    await make("elsewhere", name=f"{fresh}-staging", scope="environment/staging")
    ref = f"secret://{PRODUCTION}/{fresh}"
    refs = [ref, f"{ref}?version=1", f"{ref}x", "nonsense", f"{ref}#nothing", f"secret://environment/staging/{fresh}"]
    refs += [ref, f"{ref}?version=9", f"secret://environment/staging/{fresh}-staging"]
    results = await resolve(api, user, *refs)
    assert [result["ref"] for result in results] == refs
    assert [(result.get("value"), result.get("version"), result.get("error")) for result in results] == [
        ("two", 2, None),
        ("one", 1, None),
        (None, None, "not_found"),
        (None, None, "invalid"),
        (None, None, "not_found"),
        (None, None, "not_found"),
        ("two", 2, None),
        (None, None, "not_found"),
        (None, None, "not_found"),
    ]
    assert all(result["message"] for result in results if "error" in result)


async def test_who_may_not_use_is_told_for_each(api: httpx.AsyncClient, people: People, make: Make, fresh: str) -> None:
    await make()
    results = await resolve(api, people["developer"], f"secret://{PRODUCTION}/{fresh}")
    assert (results[0]["error"], "value" in results[0]) == ("not_allowed", False)


async def test_a_thousand_and_no_more(api: httpx.AsyncClient, user: Person, make: Make, fresh: str) -> None:
    await make()
    ref = f"secret://{PRODUCTION}/{fresh}"
    refs = [f"{ref}x{number}" if number % 50 else ref for number in range(1000)]
    results = await resolve(api, user, *refs)
    assert [result["ref"] for result in results] == refs
    assert sum(result.get("value") == "c4n4ry" for result in results) == 20
    for count in (1001, 10_000):
        answer = await api.post("/resolve", json={"refs": [ref] * count}, headers=user.headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert "1000" in answer.json()["detail"]
    assert await resolve(api, user) == []


async def test_reads_are_bounded_and_none_is_made_twice(
    api: httpx.AsyncClient, user: Person, make: Make, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make()
    send = VaultSession.send
    under_way, most, sent = 0, 0, []

    async def watched(self: VaultSession, *arguments: object, **options: object) -> object:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        sent.append(arguments)
        try:
            if len(sent) == 1:
                await asyncio.sleep(0.5)  # one slow answer holds up no other
            return await send(self, *arguments, **options)  # type: ignore[arg-type]
        finally:
            under_way -= 1

    monkeypatch.setattr(VaultSession, "send", watched)
    ref = f"secret://{PRODUCTION}/{fresh}"
    versions = [f"{ref}?version={number}" for number in range(1, 60)]
    results = await resolve(api, user, ref, f"{ref}#value", ref, *versions)
    data = [arguments for arguments in sent if arguments[2] == "data"]
    assert len(data) == 60
    assert most == AT_ONCE
    assert [result.get("value") for result in results[:4]] == ["c4n4ry"] * 4


async def test_a_token_that_is_none_fails_the_call(api: httpx.AsyncClient) -> None:
    body = {"refs": ["secret://global/a", "secret://global/b"]}
    answer = await api.post("/resolve", json=body, headers={"X-Vault-Token": "s.wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("body", [{}, {"refs": "x"}, {"refs": [1]}, {"refs": [None]}, {"refs": [], "x": 1}, []])
async def test_a_body_that_does_not_fit(api: httpx.AsyncClient, user: Person, body: object) -> None:
    answer = await api.post("/resolve", json=body, headers=user.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
