"""The real `bao` command and the adapter on the same data, in both directions."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.bao_cli import bao
from tests.support.server import People, Person, Server

CANARY = "c4n4ry-cli-v4lue"


async def listed(api: httpx.AsyncClient, person: Person, name: str) -> dict[str, Any]:
    found = (await api.get(f"/secrets?q={name}", headers=person.headers)).json()
    assert len(found) == 1
    return dict(found[0])


async def test_a_secret_of_ours_is_read_by_kv_get(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    body = {"name": fresh, "type": "PASSWORD", "value": CANARY, "scope": "global", "description": "Main database"}
    assert (await api.post("/secrets", json=body, headers=people["developer"].headers)).status_code == 201
    path = f"global/{fresh}"
    assert await bao(server, people["admin"], "kv", "get", "-mount=status", "-field=value", path) == CANARY
    metadata = json.loads(
        await bao(server, people["admin"], "kv", "metadata", "get", "-mount=status", "-format=json", path)
    )
    custom = metadata["data"]["custom_metadata"]
    assert (custom["type"], custom["description"]) == ("password", "Main database")
    record = json.loads(custom["v1"])
    assert (record["by"], record["op"]) == (people["developer"].name, "created")


async def test_a_secret_of_kv_put_is_in_the_list(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    path = f"environment/production/{fresh}"
    await bao(server, people["developer"], "kv", "put", "-mount=status", path, "value=-", stdin=CANARY)
    secret = await listed(api, people["viewer"], fresh)
    assert (secret["scope"], secret["version"], secret["type"]) == ("environment/production", 1, "CUSTOM")
    assert set(secret["flags"]) == {"unclassified", "record_missing"}
    arguments = ("kv", "metadata", "patch", "-mount=status")
    metadata = ("-custom-metadata=type=api_key", "-custom-metadata=description=By hand")
    await bao(server, people["developer"], *arguments, *metadata, path)
    secret = await listed(api, people["viewer"], fresh)
    assert (secret["type"], secret["description"], secret["flags"]) == ("API_KEY", "By hand", ["record_missing"])


async def test_versions_of_both_sides_count_on(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    path = f"environment/staging/{fresh}"
    body = {"name": fresh, "type": "PASSWORD", "value": "one", "environment": "staging"}
    made = (await api.post("/secrets", json=body, headers=people["developer"].headers)).json()
    await bao(server, people["developer"], "kv", "put", "-mount=status", path, "value=-", stdin=CANARY)
    secret = await listed(api, people["viewer"], fresh)
    assert (secret["version"], secret["changedBy"], secret["flags"]) == (2, None, ["record_missing"])
    change = {"value": "three", "ifVersion": 2}
    changed = await api.patch(f"/secrets/{made['id']}", json=change, headers=people["developer"].headers)
    assert (changed.json()["version"], changed.json()["flags"]) == (3, [])
    found = await bao(server, people["admin"], "kv", "get", "-mount=status", "-version=2", "-field=value", path)
    assert found == CANARY


async def test_kv_delete_and_undelete_show_as_the_state(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    path = f"environment/staging/{fresh}"
    await bao(server, people["admin"], "kv", "put", "-mount=status", path, "value=-", stdin=CANARY)
    await bao(server, people["admin"], "kv", "delete", "-mount=status", path)
    assert (await listed(api, people["viewer"], fresh))["state"] == "deleted"
    body = {"name": fresh, "type": "PASSWORD", "value": "x", "environment": "staging"}
    again = await api.post("/secrets", json=body, headers=people["developer"].headers)
    assert (again.status_code, again.json()["code"]) == (409, "exists")
    await bao(server, people["developer"], "kv", "undelete", "-mount=status", "-versions=1", path)
    assert (await listed(api, people["viewer"], fresh))["state"] == "current"
    await bao(server, people["admin"], "kv", "destroy", "-mount=status", "-versions=1", path)
    assert (await listed(api, people["viewer"], fresh))["state"] == "destroyed"
    await bao(server, people["admin"], "kv", "metadata", "delete", "-mount=status", path)
    assert (await api.get(f"/secrets?q={fresh}", headers=people["viewer"].headers)).json() == []


async def test_the_value_is_hashed_in_the_audit_log(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    body = {"name": fresh, "type": "PASSWORD", "value": CANARY + fresh, "reason": "for the log"}
    assert (await api.post("/secrets", json=body, headers=people["developer"].headers)).status_code == 201
    log = server.audit_log.read_text()
    assert fresh in log
    assert CANARY not in log
    assert people["developer"].token.get_secret_value() not in log
