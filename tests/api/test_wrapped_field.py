"""One field wrapped by itself: without the secret's metadata, and its unwrapping is known to be the secret's use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.vault import Caller
from tests.access.test_components import unwrap
from tests.api.conftest import Make
from tests.audit.reading import events_in, indexed, whole
from tests.support.server import People, Person, Server, component

CANARY = "c4n4ry-wr4pped-fie1d"


async def test_it_is_the_field_alone(api: httpx.AsyncClient, server: Server, user: Person, make: Make) -> None:
    secret = await make(CANARY)
    body = {"wrap": "90s", "field": "value", "reason": "for the electrician"}
    answer = await api.post(f"/secrets/{secret}/value", json=body, headers=user.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"wrapToken", "expiresAt"}
    assert CANARY not in answer.text
    inside = await unwrap(server, answer.json()["wrapToken"])
    assert inside.json()["data"] == {"value": CANARY}
    assert (await unwrap(server, answer.json()["wrapToken"])).status_code == 400
    for change in ({"field": "none"}, {"wrap": "6m"}):
        refused = await api.post(f"/secrets/{secret}/value", json=body | change, headers=user.headers)
        assert refused.status_code in (400, 404)
        assert CANARY not in refused.text


async def test_by_whoever_may_use_it_alone(api: httpx.AsyncClient, people: People, server: Server, make: Make) -> None:
    secret = await make(CANARY)
    body = {"wrap": "90s", "field": "value"}
    for name, status in (("viewer", 403), ("developer", 403), ("outsider", 404)):
        refused = await api.post(f"/secrets/{secret}/value", json=body, headers=people[name].headers)
        assert refused.status_code == status
    other = await component(server, "environment/staging")
    assert (await api.post(f"/secrets/{secret}/value", json=body, headers=other.headers)).status_code == 404


async def test_a_policy_from_before_is_explained(api: httpx.AsyncClient, server: Server, make: Make) -> None:
    bare = await component(server, "environment/production", policies=["status-use-environment-production"])
    body = {"wrap": "90s", "field": "value"}
    refused = await api.post(f"/secrets/{await make(CANARY)}/value", json=body, headers=bare.headers)
    assert refused.status_code == 403
    assert "status-secrets provision" in refused.json()["hint"]


def requests_in(lines: bytes) -> str:
    """The one `X-Status-Request` with which something was wrapped."""
    read = [json.loads(line)["request"] for line in lines.splitlines()]
    (found,) = {one["headers"]["x-status-request"][0] for one in read if one["path"] == "sys/wrapping/wrap"}
    return str(found)


@pytest.mark.parametrize("who", ["admin", "component"])
async def test_the_log_ties_the_unwrapping_to_the_secret(
    api: httpx.AsyncClient, server: Server, people: People, user: Person, make: Make, tmp_path: Path, who: str
) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    secret, person = await make(CANARY), user if who == "component" else people["admin"]
    size = server.audit_log.stat().st_size
    body = {"wrap": "90s", "field": "value", "reason": "for the electrician"}
    answer = await api.post(f"/secrets/{secret}/value", json=body, headers=person.headers)
    await unwrap(server, answer.json()["wrapToken"])
    claimed = requests_in(server.audit_log.read_bytes()[size:])
    async with server.vault() as vault:  # what somebody else wraps is none of it, whatever request they name
        session = vault.session(Caller(people["viewer"].token, request_id=claimed))
        body = {"value": "forged"}
        _, content = await session.send("POST", "sys/wrapping/wrap", body=body, headers={"X-Vault-Wrap-TTL": "60s"})
    assert (await unwrap(server, json.loads(content)["wrap_info"]["token"])).status_code == 200
    lines: list[bytes] = server.audit_log.read_bytes()[size:].splitlines()
    assert CANARY.encode() not in b"".join(lines)
    index = indexed(tmp_path / "index.db", lines)
    used: list[Any] = [event for event in events_in(index, act="used") if event.secret == secret.replace("~", "/")]
    assert [(one.actor.startswith("bearer of"), one.reason, one.flags) for one in used] == [
        (False, "for the electrician", []),
        (True, None, []),
    ]
    backwards = indexed(tmp_path / "other.db", *([line] for line in reversed(lines)))
    assert whole(backwards) == whole(index)
