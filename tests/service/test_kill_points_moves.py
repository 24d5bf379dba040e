"""A rename or move may end after any of its steps: one whole secret is there, and the next look finishes it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.errors import Conflict, NotFound
from adapter.model.address import Address
from adapter.model.records import Origin, VersionRecord, iso
from adapter.provision.people import adapter_credentials
from adapter.service.acting import ActingIdentity
from adapter.service.app import Act, Services
from adapter.service.doctor import examine, half_moved, unfinished
from adapter.service.listing import Filter, list_secrets, view_secret
from adapter.service.moving import move_secret
from adapter.service.versions import history
from adapter.settings import Settings
from adapter.vault import Caller, Vault
from adapter.vault.answers import Metadata
from adapter.vault.kv import KvStore
from tests.conftest import WANTED
from tests.support.kill import KillPoint, killed_at
from tests.support.server import People, Server

PRODUCTION, STAGING = "environment/production", "environment/staging"
MOST_REQUESTS = 50
REASON = "the reason"


@pytest.fixture(scope="session")
def adapter(server: Server, people: People) -> tuple[str, SecretStr]:
    async def credentials() -> tuple[str, SecretStr]:
        async with server.vault() as vault:
            return await adapter_credentials(vault, server.token, WANTED)

    return asyncio.run(credentials())


@dataclass
class Scene:
    """A secret of three versions, the second deleted, the place it shall get to, and who does it."""

    server: Server
    people: People
    adapter: Any
    who: str
    old: Address
    new: Address

    async def prepare(self, vault: Vault) -> Metadata:
        store = KvStore(vault.session(Caller(self.server.token)))
        at, by = iso(datetime.now(UTC)), self.people["developer"].name
        records = {f"v{n}": VersionRecord(by, at, Origin.UPDATED, f"reason {n}").encode() for n in (1, 2, 3)}
        await store.create_custom(self.old, {"type": "password", "owner": "ops", **records})
        for number in (1, 2, 3):
            await store.write(self.old, {"value": SecretStr(f"value {number}")}, cas=number - 1)
        await store.change_versions("delete", self.old, 2)
        return await store.metadata(self.old)

    def act(self, vault: Vault, who: str, later: float = 0) -> Act:
        identity = ActingIdentity(vault, *self.adapter)
        now = timedelta(seconds=later)
        return Services(vault, acting=identity, now=lambda: datetime.now(UTC) + now).act(Caller(self.people[who].token))

    async def seen(self, act: Act) -> list[str]:
        """What a look at each of the two names says."""
        found = []
        for address in (self.old, self.new):
            try:
                await view_secret(act, address)
                found.append("there")
            except NotFound:
                found.append("gone")
            except Conflict:
                found.append("conflict")
        return found

    async def check_whole(self, vault: Vault, before: Metadata, at: Address) -> None:
        """Every value, number, author, time and reason at `at`, and nothing else of the act anywhere."""
        store = KvStore(vault.session(Caller(self.server.token)))
        entry = await store.metadata(at)
        assert {number: entry.custom[number] for number in ("v1", "v2", "v3")} == {
            number: before.custom[number] for number in ("v1", "v2", "v3")
        }
        assert (entry.custom["owner"], entry.max_versions, list(entry.versions)) == ("ops", 0, ["1", "2", "3"])
        for number in (1, 3):
            fields = await store.read_version(at, number)
            assert fields["value"].get_secret_value() == f"value {number}"
        told = await history(self.act(vault, "viewer"), at)
        assert [version.reason for version in told] == ["reason 3", "reason 2", "reason 1"]
        assert not [key for key in entry.custom if key.startswith(("moving", "pending", "creating"))]
        other = self.new if at == self.old else self.old
        try:
            left = await store.metadata(other)
        except NotFound:
            return
        assert (left.current_version, left.custom["creating"]) == (0, "-")


async def listed(act: Act, name: str) -> int:
    return len([secret for secret in (await list_secrets(act, Filter()))[0] if secret.name.startswith(name)])


def each_kill(server: Server, people: People, adapter: Any, who: str, scope: str) -> list[Scene]:
    """Kill the act at the next point, look, finish, look; until the act comes to its end. What was killed.

    Before a request the vault is as it was after the one before.
    """
    killed_ones = []
    for point in [KillPoint(1, False), *(KillPoint(number, True) for number in range(1, MOST_REQUESTS))]:
        name = f"k{secrets.token_hex(6)}"
        new = Address(f"{scope}/{name}{'-n' if scope == PRODUCTION else ''}")
        scene = Scene(server, people, adapter, who, Address(f"{PRODUCTION}/{name}"), new)
        before = asyncio.run(_prepared(scene))
        acting = lambda act, scene=scene: move_secret(act, scene.old, scene.new)  # noqa: E731
        killed = killed_at(point, server, people[who], REASON, acting, adapter)
        finish = by_a_look if point.request % 2 else by_the_doctor
        asyncio.run(_checked(scene, before, killed, finish, str(point)))
        if not killed:
            return killed_ones
        killed_ones.append(scene)
    raise AssertionError("the act never came to its end")


async def _prepared(scene: Scene) -> Metadata:
    async with scene.server.vault() as vault:
        return await scene.prepare(vault)


async def _checked(scene: Scene, before: Metadata, killed: bool, finish: Any, point: str) -> None:
    async with scene.server.vault() as vault:
        viewer = scene.act(vault, "viewer")
        at_once = await scene.seen(viewer)
        assert at_once in (["there", "gone"], ["conflict", "gone"], ["conflict", "conflict"], ["gone", "conflict"],
                           ["gone", "there"]), point  # fmt: skip
        assert await listed(viewer, scene.old.name) == 1, point
        if killed:
            await finish(scene, vault, point)
        now = await scene.seen(viewer)
        assert now in ((["there", "gone"], ["gone", "there"]) if killed else (["gone", "there"],)), point
        await scene.check_whole(vault, before, scene.old if now[0] == "there" else scene.new)


async def by_a_look(scene: Scene, vault: Vault, point: str) -> None:
    await scene.seen(scene.act(vault, scene.who, later=90))


async def by_the_doctor(scene: Scene, vault: Vault, point: str) -> None:
    act = scene.act(vault, "admin", later=90)
    for examined in await examine(act, Settings(), (unfinished.check, half_moved.check)):
        assert examined.problem is None, point
        for finding in examined.findings:
            if scene.old.name not in finding.what:  # a server that was given is shared
                continue
            assert finding.repair is not None
            await finding.repair()


def witnessed(server: Server, scenes: list[Scene]) -> None:
    """By the vault's log no old place was removed before all three versions were at the new one, each once."""
    if server.audit_log is None:
        return
    news = {f"status/metadata/{scene.old.path}": f"status/data/{scene.new.path}" for scene in scenes}
    written: Counter[str] = Counter()
    removed = set()
    with server.audit_log.open() as lines:
        for text in lines:
            if '"response"' not in text or not any(word in text for word in ("/data/", '"delete"')):
                continue
            line = json.loads(text)
            request = line["request"]
            if line.get("error") or line["type"] != "response":
                continue
            if request["operation"] in ("create", "update"):
                written[request["path"]] += 1
            elif request["operation"] == "delete" and request["path"] in news:
                removed.add(request["path"])
                assert written[news[request["path"]]] == 3, request["path"]
    assert removed
    assert all(written[new] in (0, 3) for new in news.values())


def test_rename(server: Server, people: People, adapter: Any) -> None:
    scenes = each_kill(server, people, adapter, "developer", PRODUCTION)
    assert len(scenes) > 25
    witnessed(server, scenes)


def test_move(server: Server, people: People, adapter: Any) -> None:
    scenes = each_kill(server, people, adapter, "admin", STAGING)
    assert len(scenes) > 25
    witnessed(server, scenes)
