"""Two versions compared by people who may not read them, on the real server."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from adapter.model.address import Address
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.support.server import People, Server

CANARY = "c4n4ry-c0mp4re"


@pytest.fixture
async def path(acting: httpx.AsyncClient, people: People, fresh: str) -> str:
    """Versions 1 and 3 are the same, 2 has another field's value, 4 another field."""
    developer = people["developer"].headers
    fields = {"user": "u", "host": CANARY}
    body = {"name": fresh, "type": "CUSTOM", "value": f"{CANARY}-1", "fields": fields, "scope": "global"}
    path = f"/secrets/{(await acting.post('/secrets', json=body, headers=developer)).json()['id']}"
    for host, more in ((f"{CANARY}-2", {}), (CANARY, {}), (CANARY, {"port": "5432"})):
        body = {"value": f"{CANARY}-1", "fields": {"user": "u", "host": host} | more}
        assert (await acting.post(f"{path}/versions", json=body, headers=developer)).status_code == 201
    return path


async def compared(api: httpx.AsyncClient, people: People, path: str, source: object, to: object) -> dict[str, Any]:
    answer = await api.get(f"{path}/compare?from={source}&to={to}", headers=people["developer"].headers)
    assert CANARY not in answer.text
    return dict(answer.json())


async def test_it_says_which_fields_differ_and_nothing_of_their_values(
    acting: httpx.AsyncClient, people: People, path: str
) -> None:
    changed = {"field": "host", "change": "changed"}
    assert await compared(acting, people, path, 1, 2) == {"from": 1, "to": 2, "same": False, "fields": [changed]}
    assert await compared(acting, people, path, 1, 3) == {"from": 1, "to": 3, "same": True, "fields": []}
    assert (await compared(acting, people, path, 3, 4))["fields"] == [{"field": "port", "change": "added"}]
    assert (await compared(acting, people, path, 4, 3))["fields"] == [{"field": "port", "change": "removed"}]


async def test_what_the_cli_wrote_is_compared_as_it_is(
    acting: httpx.AsyncClient, server: Server, people: People, path: str, fresh: str
) -> None:
    async with server.vault() as vault:
        session = vault.session(Caller(people["developer"].token))
        for port in (5432, "5432"):
            await session.send("POST", f"status/data/global/{fresh}", body={"data": {"port": port}})
    assert (await compared(acting, people, path, 5, 6))["fields"] == [{"field": "port", "change": "changed"}]


async def test_it_is_an_act_that_leaves_nothing_behind(
    acting: httpx.AsyncClient, server: Server, people: People, path: str, fresh: str
) -> None:
    before = await entry(server, fresh)
    await compared(acting, people, path, 1, 2)
    after = await entry(server, fresh)
    assert (after.custom, after.current_version) == (before.custom, 4)
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    lines = [json.loads(line) for line in server.audit_log.read_text().splitlines()]
    own = [line for line in lines if line["type"] == "response" and fresh in line["request"]["path"]]
    reads = [line for line in own if line["request"]["path"] == f"status/data/global/{fresh}" and is_read(line)]
    assert [line["auth"]["metadata"]["act"] for line in reads] == ["compared", "compared"]
    intents = [line for line in own if line["request"]["operation"] == "patch"]
    assert intents[-1]["time"] > reads[-1]["time"] > reads[0]["time"] > intents[-2]["time"]
    assert intents[-2]["auth"]["display_name"] == f"userpass-{people['developer'].name}"


def is_read(line: dict[str, Any]) -> bool:
    return bool(line["request"]["operation"] == "read")


async def entry(server: Server, name: str) -> Any:
    async with server.vault() as vault:
        return await KvStore(vault.session(Caller(server.token))).metadata(Address(f"global/{name}"))


@pytest.mark.parametrize(
    ("query", "status"),
    [("from=1&to=1", 400), ("from=1&to=9", 404), ("from=0&to=1", 400), ("from=1", 400), ("from=x&to=1", 400)],
)
async def test_what_cannot_be_compared(
    acting: httpx.AsyncClient, people: People, path: str, query: str, status: int
) -> None:
    answer = await acting.get(f"{path}/compare?{query}", headers=people["developer"].headers)
    assert answer.status_code == status
    assert answer.json()["hint"]


async def test_a_version_that_is_gone_cannot_be_compared(acting: httpx.AsyncClient, people: People, path: str) -> None:
    await acting.delete(f"{path}/versions/2", headers=people["developer"].headers)
    answer = await compared(acting, people, path, 1, 2)
    assert (answer["code"], answer["hint"]) == ("invalid", "Undelete it first.")
    await acting.post(f"{path}/versions/3/destroy", headers=people["admin"].headers)
    assert "destroyed" in (await compared(acting, people, path, 3, 4))["detail"]


async def test_who_may_not_change_may_not_compare(
    acting: httpx.AsyncClient, api: httpx.AsyncClient, people: People, path: str
) -> None:
    for name in ("viewer", "outsider"):
        answer = await acting.get(f"{path}/compare?from=1&to=2", headers=people[name].headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    alone = await api.get(f"{path}/compare?from=1&to=2", headers=people["developer"].headers)
    assert "no identity of its own" in alone.json()["detail"]
    assert (await api.get(f"{path}/compare?from=1&to=2", headers=people["admin"].headers)).json()["same"] is False
