"""The list: its filters and pages, and what the command-line clients can put there."""

import asyncio
import time
from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr

from adapter.model.address import Address
from adapter.service.app import Services
from adapter.service.listing import Filter, list_secrets
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.support.server import People, Server

STRANGE = [
    "with space",
    "til~de",
    "CAPITALS",
    "umlaut-ü",
    "-dash",
    "dots..",
    "100%",
    "a?b#c",
    "[/bold]",
    "leaf",
    "leaf/below",
]


async def put(server: Server, path: str, **fields: str) -> None:
    """What `kv put` does."""
    async with server.vault() as vault:
        body = {"data": fields or {"value": "x"}}
        await vault.session(Caller(server.token)).send("POST", "status/data", path, body=body)


@pytest.fixture
async def filled(api: httpx.AsyncClient, people: People, fresh: str) -> str:
    """Five secrets of the developer's, whose tag is a name that no other test uses."""
    for number in range(5):
        body = {
            "name": f"{fresh}-{number}",
            "type": "API_KEY" if number % 2 else "PASSWORD",
            "value": "x",
            "scope": "global" if number == 4 else "environment/staging",
            "description": f"Number {number}",
            "tags": [fresh],
            "expiresAt": "2099-01-01" if number == 0 else None,
        }
        answer = await api.post("/secrets", json=body, headers=people["developer"].headers)
        assert answer.status_code == 201, answer.text
    return fresh


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("&type=api_key", [1, 3]),
        ("&scope=global", [4]),
        ("&q=number -3", [3]),
        ("&q=NUMBER", [0, 1, 2, 3, 4]),
        ("&q=staging", [0, 1, 2, 3]),
        ("&expiringWithin=30000d", [0]),
        ("&expiringWithin=1w", []),
    ],
)
async def test_filters(api: httpx.AsyncClient, people: People, filled: str, query: str, numbers: list[int]) -> None:
    answer = await api.get(f"/secrets?tag={filled}{query}", headers=people["viewer"].headers)
    assert answer.status_code == 200
    assert sorted(int(secret["name"][-1]) for secret in answer.json()) == numbers


async def test_pages_lead_on_to_every_secret_once(api: httpx.AsyncClient, people: People, filled: str) -> None:
    whole = (await api.get(f"/secrets?tag={filled}", headers=people["viewer"].headers)).json()
    url, pages = f"/secrets?tag={filled}&limit=2", []
    while True:
        answer = await api.get(url, headers=people["viewer"].headers)
        pages.append(answer.json())
        if "next" not in answer.links:
            break
        url = str(answer.url.join(answer.links["next"]["url"]))
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [secret for page in pages for secret in page] == whole


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=a~~b", "expiringWithin=soon", "scope=nowhere"])
async def test_a_query_that_does_not_fit(api: httpx.AsyncClient, people: People, query: str) -> None:
    answer = await api.get(f"/secrets?{query}", headers=people["viewer"].headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


@pytest.mark.parametrize("name", STRANGE)
async def test_entries_that_the_cli_made_are_shown_and_usable(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str, name: str
) -> None:
    path = f"environment/development/{fresh}/{name}"
    await put(server, path)
    await put(server, f"{path} two/deeper")
    listed = (await api.get(f"/secrets?q={fresh}", headers=people["developer"].headers)).json()
    assert {secret["name"] for secret in listed} == {f"{fresh}/{name}", f"{fresh}/{name} two/deeper"}
    secret = next(secret for secret in listed if secret["name"] == f"{fresh}/{name}")
    assert (secret["type"], secret["flags"], secret["createdBy"]) == (
        "CUSTOM",
        ["unclassified", "record_missing"],
        None,
    )
    seen = await api.get(f"/secrets/{secret['id']}", headers=people["viewer"].headers)
    assert seen.json() == secret
    change = {"value": "new", "type": "PASSWORD", "reason": "adopted", "ifVersion": 1}
    changed = await api.patch(f"/secrets/{secret['id']}", json=change, headers=people["developer"].headers)
    assert (changed.status_code, changed.json()["version"], changed.json()["flags"]) == (200, 2, [])


async def test_a_leaf_and_a_folder_of_the_same_name(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    await put(server, f"global/{fresh}")
    await put(server, f"global/{fresh}/below")
    listed = (await api.get(f"/secrets?q={fresh}", headers=people["viewer"].headers)).json()
    assert [secret["name"] for secret in listed] == [fresh, f"{fresh}/below"]


async def test_entries_outside_every_scope_are_listed_for_admin_only(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    for path in (fresh, f"elsewhere/{fresh}", f"environment/{fresh}", f"environment/Big Label/{fresh}"):
        await put(server, path)

    async def seen(name: str) -> set[str]:
        return {s["name"] for s in (await api.get(f"/secrets?q={fresh}", headers=people[name].headers)).json()}

    assert await seen("developer") == set()
    outside = {fresh, f"elsewhere/{fresh}", f"environment/{fresh}", f"environment/Big Label/{fresh}"}
    assert await seen("admin") == outside
    one = await api.get(f"/secrets/{Address(fresh).id}", headers=people["admin"].headers)
    assert (one.json()["scope"], one.json()["environment"]) == ("", None)
    assert (await api.get(f"/secrets/{fresh}", headers=people["developer"].headers)).status_code == 404


async def test_the_entries_that_stand_for_scopes_are_no_secrets(api: httpx.AsyncClient, people: People) -> None:
    listed = (await api.get("/secrets", headers=people["admin"].headers)).json()
    assert not [secret for secret in listed if secret["name"].startswith(".scopes")]
    assert (await api.get("/secrets/.scopes~global", headers=people["admin"].headers)).status_code == 404
    answer = await api.request("DELETE", "/secrets/.scopes~global", headers=people["admin"].headers)
    assert answer.status_code == 404


async def test_without_a_bulk_listing_the_list_is_the_same(server: Server, people: People, filled: str) -> None:
    lists = []
    for kind in ("openbao", "vault"):
        async with server.vault(kind=kind) as vault:
            if kind == "openbao" and await server_kind(server) == "vault":
                continue
            act = Services(vault).act(Caller(people["admin"].token))
            lists.append((await list_secrets(act, Filter(tag=filled)))[0])
    assert lists[0] == lists[-1]
    assert len(lists[0]) == 5


async def server_kind(server: Server) -> str:
    async with server.vault() as vault:
        return str(await vault.kind())


async def test_two_thousand_secrets_of_twenty_versions_are_listed(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str, record_property: Callable[[str, object], None]
) -> None:
    record = '{"by":"developer","at":"2026-11-23T09:12:00.000Z","why":"a reason of usual length","op":"updated"}'
    custom = {"type": "password", "description": "One of many"} | {f"v{number}": record for number in range(1, 21)}
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(server.token)))
        gate = asyncio.Semaphore(32)

        async def make(number: int) -> None:
            async with gate:
                address = Address(f"environment/development/{fresh}/{number:04}")
                await store.write(address, {"value": SecretStr("x")}, cas=0)
                await store.patch_custom(address, custom)

        await asyncio.gather(*map(make, range(2000)))
        started = time.perf_counter()
        listed = (await api.get("/secrets?scope=environment/development", headers=people["viewer"].headers)).json()
        record_property("seconds", round(time.perf_counter() - started, 2))
        assert len([secret for secret in listed if secret["name"].startswith(fresh)]) == 2000
        await asyncio.gather(
            *(store.delete_all(Address(f"environment/development/{fresh}/{n:04}")) for n in range(2000))
        )
