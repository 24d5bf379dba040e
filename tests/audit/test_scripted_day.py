"""A day of mixed work against the real server, event by event: nothing missing, nothing twice, no wrong actor.

Each step says what it shall show as. What is compared is every event of the day, in order, but for what the tests'
own preparations did.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.support.bao_cli import bao
from tests.support.server import People, Person, Server


@dataclass
class Day:
    """What was done so far, as the view shall tell it."""

    api: httpx.AsyncClient
    server: Server
    people: People
    name: str
    expected: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"environment/production/{self.name}"

    @property
    def id(self) -> str:
        return self.path.replace("/", "~")

    def shall_show(self, *lines: str) -> None:
        self.expected += lines

    async def call(
        self,
        who: str | SecretStr,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int = 200,
        client: str = "tui/0.1",
    ) -> Any:
        token = self.people[who].token if isinstance(who, str) else who
        given = {"X-Vault-Token": token.get_secret_value(), "X-Status-Client": client}
        answer = await self.api.request(method, path, json=body, headers=given)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def bao(self, who: str | SecretStr, *arguments: str, stdin: str | None = None, fails: bool = False) -> str:
        person: Person | SecretStr = self.people[who] if isinstance(who, str) else who
        if not fails:
            return await bao(self.server, person, *arguments, stdin=stdin)
        with pytest.raises(AssertionError):
            await bao(self.server, person, *arguments, stdin=stdin)
        return ""


async def people_at_the_terminal(day: Day) -> None:
    body = {"name": day.name, "type": "PASSWORD", "value": "one", "reason": "new database"}
    await day.call("developer", "POST", "/secrets", body, status=201)
    day.shall_show("created done developer/person v1 tui/0.1 “new database”")
    await day.call("viewer", "GET", f"/secrets/{day.id}")
    day.shall_show("viewed done viewer/person tui/0.1")
    change = {"value": "two", "reason": "quarterly rotation", "ifVersion": 1}
    await day.call("developer", "POST", f"/secrets/{day.id}/versions", change, status=201)
    day.shall_show("updated done developer/person v2 tui/0.1 “quarterly rotation”")
    await day.call("developer", "PATCH", f"/secrets/{day.id}", {"description": "Main database"})
    day.shall_show("edited done developer/person tui/0.1")
    await day.call("developer", "POST", f"/secrets/{day.id}/rollback", {"version": 1, "reason": "refused"}, status=201)
    day.shall_show("rolled_back done developer/person v3 tui/0.1 “refused”")
    await day.call("developer", "DELETE", f"/secrets/{day.id}/versions/2", {"reason": "wrong"})
    day.shall_show("version_deleted done developer/person v2 tui/0.1 “wrong”")
    await day.call("developer", "POST", f"/secrets/{day.id}/versions/2/undelete")
    day.shall_show("version_undeleted done developer/person v2 tui/0.1")
    await day.call("admin", "POST", f"/secrets/{day.id}/versions/2/destroy")
    day.shall_show("version_destroyed done admin/person v2 tui/0.1")


async def what_is_refused(day: Day) -> None:
    await day.call("viewer", "POST", f"/secrets/{day.id}/versions", {"value": "x"}, status=403)
    day.shall_show("edited denied viewer/person tui/0.1")
    await day.call("developer", "POST", f"/secrets/{day.id}/value", {"reason": "curious"}, status=403)
    day.shall_show("used denied developer/person tui/0.1 “curious”")
    await day.bao("viewer", "kv", "get", "-mount=status", day.path, fails=True)
    day.shall_show("used denied viewer/person cli/other")
    await day.bao("developer", "kv", "put", "-mount=status", "-cas=1", day.path, "value=-", stdin="late", fails=True)
    day.shall_show("updated failed developer/person cli/other")


async def with_the_vaults_own_command(day: Day) -> None:
    await day.bao("admin", "kv", "get", "-mount=status", day.path)
    day.shall_show("used done admin/person v3 cli/other")
    await day.bao("admin", "kv", "get", "-mount=status", "-version=1", day.path)
    day.shall_show("used done admin/person v1 cli/other")
    await day.bao("developer", "kv", "put", "-mount=status", day.path, "value=-", stdin="by hand")
    day.shall_show("updated done developer/person v4 cli/other")
    await day.bao("viewer", "kv", "metadata", "get", "-mount=status", day.path)
    day.shall_show("viewed done viewer/person cli/other")
    await day.bao("admin", "kv", "delete", "-mount=status", day.path)
    day.shall_show("version_deleted done admin/person cli/other")
    await day.bao("admin", "kv", "get", "-mount=status", day.path)
    day.shall_show("used failed admin/person cli/other")
    await day.bao("developer", "kv", "undelete", "-mount=status", "-versions=4", day.path)
    day.shall_show("version_undeleted done developer/person cli/other")


async def programs(day: Day) -> None:
    role = "auth/status-approle/role/status-component-nightly"
    await day.bao(day.server.token, "write", role, "token_policies=status-use-environment-production")
    role_id = (await day.bao(day.server.token, "read", "-field=role_id", f"{role}/role-id")).strip()
    secret_id = (await day.bao(day.server.token, "write", "-f", "-field=secret_id", f"{role}/secret-id")).strip()
    login = {"method": "approle", "roleId": role_id, "secretId": secret_id}
    token = SecretStr((await day.call(SecretStr(""), "POST", "/auth/login", login))["token"])
    for path, body, words in (
        (f"/secrets/{day.id}/value", {"reason": "flow 7c3"}, "v4 node-red/4 “flow 7c3”"),
        ("/resolve", {"refs": [f"secret://{day.path}"]}, "v4 node-red/4"),
        ("/resolve", {"refs": [f"secret://{day.path}?version=3"]}, "v3 node-red/4"),
    ):
        await day.call(token, "POST", path, body, client="node-red/4")
        day.shall_show(f"used done nightly/component {words} of nightly")
    await day.call(token, "GET", "/audit", status=403, client="node-red/4")


async def handed_on(day: Day) -> None:
    answer = await day.call(
        "admin", "POST", f"/secrets/{day.id}/value", {"wrap": "60s", "reason": "for the electrician"}
    )
    day.shall_show("wrapped done admin/person tui/0.1 “for the electrician”")
    await day.bao(SecretStr(answer["wrapToken"]), "unwrap", "-format=json")
    day.shall_show("used done bearer of a token wrapped by admin/bearer v4 cli/other")
    wrapped = json.loads(
        await day.bao("admin", "kv", "get", "-mount=status", "-wrap-ttl=60s", "-format=json", day.path)
    )
    day.shall_show("wrapped done admin/person cli/other")
    await day.bao("viewer", "unwrap", "-format=json", wrapped["wrap_info"]["token"])
    day.shall_show("used done viewer/person v4 cli/other")


async def with_forged_words(day: Day) -> None:
    """Nothing that a caller says hides a value's read, or makes it somebody else's."""
    request = "5eed" * 8
    await day.bao(
        "admin", "read", f"-header=X-Status-Request={request}", "-header=X-Status-Client=adapter",
        "-header=X-Status-Reason=backup", f"status/data/{day.path}",
    )  # fmt: skip
    day.shall_show("used done admin/person v4 adapter “backup”")
    await day.bao("admin", "read", f"-header=X-Status-Request={request}", f"status/data/{day.path}")
    day.shall_show("used done admin/person v4 cli/other")
    entity = json.loads(await day.bao("developer", "token", "lookup", "-format=json"))["data"]["entity_id"]
    claim = {"act": "backed_up", "person": "developer", "entity_id": entity, "request": request, "secret": day.path}
    body = {"policies": ["status-act-environment-production"], "display_name": "developer", "meta": claim}
    body |= {"ttl": "60s", "num_uses": 5, "no_default_policy": True}
    minted = await day.bao(day.server.token, "token", "create", "-format=json", *_arguments(body))
    token = SecretStr(json.loads(minted)["auth"]["client_token"])
    await day.call(token, "POST", f"/secrets/{day.id}/value", {}, status=200)
    day.shall_show("used done developer/token v4 tui/0.1 !act_unproven")


def _arguments(body: dict[str, Any]) -> list[str]:
    meta = [f"-metadata={name}={value}" for name, value in body["meta"].items()]
    return [*meta, f"-policy={body['policies'][0]}", "-display-name=developer", "-no-default-policy", "-ttl=60s"]


async def its_end(day: Day) -> None:
    await day.call("developer", "PATCH", f"/secrets/{day.id}", {"name": f"{day.name}_2", "reason": "better name"})
    day.shall_show("renamed done developer/person v4 tui/0.1 “better name”")
    day.name += "_2"
    await day.call("admin", "DELETE", f"/secrets/{day.id}", {"reason": "not needed"}, status=204)
    day.shall_show("deleted done admin/person tui/0.1 “not needed”")


def short(event: dict[str, Any]) -> str:
    parts = [event["act"], event["outcome"], f"{event['actor']}/{event['actorKind']}"]
    parts += [f"v{event['version']}"] if event["version"] else []
    parts += [event["client"]] + ([f"“{event['reason']}”"] if event["reason"] else [])
    parts += [f"of {event['component']}"] if event["component"] else []
    return " ".join(parts + [f"!{flag}" for flag in event["flags"] if flag == "act_unproven"])


PARTS = (
    people_at_the_terminal,
    what_is_refused,
    with_the_vaults_own_command,
    programs,
    handed_on,
    with_forged_words,
    its_end,
)


async def test_a_day(watching: httpx.AsyncClient, server: Server, people: People, fresh: str) -> None:
    day = Day(watching, server, people, fresh)
    for part in PARTS:
        await part(day)
    events = await settled(watching, people["admin"], fresh, len(day.expected))
    assert [short(event) for event in events] == day.expected
    identities = [request for event in events for request in event["requestIds"]]
    assert len(identities) == len(set(identities))
    for event in events:
        assert event["address"] == "127.0.0.1"
        assert event["scope"] == "environment/production"


async def settled(api: httpx.AsyncClient, admin: Person, name: str, count: int) -> list[dict[str, Any]]:
    """The events once all of the log is read: what one answer says of that holds for the next one."""
    deadline, is_read = time.monotonic() + 10, False
    while True:
        page = (await api.get("/audit", params={"q": name, "limit": 1000}, headers=admin.headers)).json()
        if time.monotonic() > deadline or (is_read and len(page["events"]) >= count):
            return list(page["events"][::-1])
        is_read = not page["reading"]["behindBytes"]
        await asyncio.sleep(0.05)
