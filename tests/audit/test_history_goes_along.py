"""A rename or a move takes a secret's history along: in every view of the audit that is about one secret."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.audit.test_audit_calls import created, page, until
from tests.support.bao_cli import bao
from tests.support.server import People, Person, Server


async def use(server: Server, person: Person, path: str) -> None:
    await bao(server, person, "kv", "get", "-mount=status", "-field=value", path)


async def change(api: httpx.AsyncClient, person: Person, identity: str, **body: str) -> str:
    answer = await api.patch(f"/secrets/{identity}", json={"reason": "clearer"} | body, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def viewer_of(server: Server, environment: str) -> Person:
    """Somebody who may view one scope's secrets."""
    policies = ("-policy=default", f"-policy=status-user-environment-{environment}")
    token = await bao(server, server.token, "token", "create", *policies, "-field=token")
    return Person(environment, SecretStr(""), SecretStr(token.strip()))


def in_short(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["act"], event["secret"].rpartition("/")[2]) for event in events]


async def test_every_view_of_one_secret(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    developer, admin = people["developer"], people["admin"]
    old, path = f"environment/production/{fresh}", f"environment/production/{fresh}-n"
    identity = await created(watching, developer, fresh)
    await use(server, admin, old)
    renamed = await change(watching, developer, identity, name=f"{fresh}-n")
    await created(watching, developer, fresh)
    await use(server, people["admin"], old)
    await until(watching, admin, 2, q=fresh, act="used")
    own = [("created", fresh), ("used", fresh), ("renamed", fresh)]
    assert in_short(await until(watching, admin, 3, secret=path)) == own
    assert in_short((await page(watching, admin, f"/secrets/{renamed}/audit"))["events"][::-1]) == own
    assert in_short(await until(watching, admin, 2, secret=old)) == [("created", fresh), ("used", fresh)]
    asked = await watching.get("/audit/investigate", params={"secret": path}, headers=admin.headers)
    found = asked.json()
    assert [(one["actor"], one["secret"]) for one in found["uses"] if one["act"] == "used"] == [(admin.name, old)]
    first, second = await until(watching, admin, 2, q=fresh, act="used")
    assert found["rotatedAt"] < first["time"]
    headers = people["viewer"].headers
    listed = {one["name"]: one for one in (await watching.get(f"/secrets?q={fresh}", headers=headers)).json()}
    details = (await watching.get(f"/secrets/{renamed}", headers=headers)).json()
    assert details["lastUsedAt"] == listed[f"{fresh}-n"]["lastUsedAt"] == first["time"]
    assert listed[fresh]["lastUsedAt"] == second["time"]


async def test_the_author_stays_who_the_log_names(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the rename were long after: the vault's time of a copy is not that of its version."""
    monkeypatch.setattr("adapter.service.witness.CLOSE", 1)
    developer, admin, path = people["developer"], people["admin"], f"environment/production/{fresh}"
    identity = await created(watching, developer, fresh)
    forged = '{"by":"viewer","at":"2026-11-25T10:00:00.000Z","op":"created"}'
    await bao(server, developer, "kv", "metadata", "patch", "-mount=status", f"-custom-metadata=v1={forged}", path)
    renamed = await change(watching, developer, identity, name=f"{fresh}-n")
    await until(watching, admin, 1, q=fresh, act="renamed")
    versions = (await watching.get(f"/secrets/{renamed}/versions", headers=admin.headers)).json()
    assert [(one["createdBy"], one["flags"]) for one in versions] == [(developer.name, ["author_differs"])]


async def test_a_report_does_not_call_it_unused(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    developer, admin = people["developer"], people["admin"]
    identity = await created(watching, developer, fresh)
    await use(server, admin, f"environment/production/{fresh}")
    await until(watching, admin, 1, q=fresh, act="used")
    await change(watching, developer, identity, name=f"{fresh}-n")
    await until(watching, admin, 1, q=fresh, act="renamed")
    report = (await watching.get("/reports/unused?days=0", headers=admin.headers)).json()
    (row,) = [row for row in report["rows"] if row["secret"].endswith(f"/{fresh}-n")]
    assert row["lastUsedAt"] is not None


async def test_a_moved_secrets_events_are_for_who_may_view_it_now(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    admin, old, new = people["admin"], f"environment/staging/{fresh}", f"environment/production/{fresh}"
    staging, production = [await viewer_of(server, scope) for scope in ("staging", "production")]
    body = {"name": fresh, "type": "PASSWORD", "value": "v", "scope": "environment/staging"}
    made = await watching.post("/secrets", json=body, headers=admin.headers)
    assert made.status_code == 201, made.text
    await use(server, admin, old)
    await until(watching, admin, 2, secret=old, act="created,used")
    totals = [(await page(watching, one, q=fresh, act="created,used"))["total"] for one in (staging, production)]
    assert totals == [2, 0]
    await change(watching, admin, made.json()["id"], scope="environment/production")
    await until(watching, admin, 3, secret=new, act="created,used,moved")
    totals = [(await page(watching, one, q=fresh, act="created,used"))["total"] for one in (staging, production)]
    assert totals == [0, 2]
    assert (await page(watching, production, secret=new, act="created,used"))["total"] == 2
    assert (await page(watching, staging, secret=old))["total"] == 0
