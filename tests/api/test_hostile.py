"""What anybody who may change a secret can write straight into the vault: nothing of it breaks or widens anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import StatusError
from adapter.model.address import Address
from adapter.model.intents import settled
from adapter.service.views import view
from adapter.vault import Caller
from adapter.vault.answers import Metadata, VersionMeta
from adapter.vault.kv import KvStore
from tests.support.server import People, Server

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LONG_AGO = "2020-01-01T00:00:00.000Z"
KEYS = st.sampled_from(["v1", "v2", "v²", "v0", "pending_x", "expires_at", "type", "tags", "creating"])
PLACE = "environment/production"


@given(st.dictionaries(KEYS | st.text(max_size=5), st.text(max_size=60) | st.from_type(object).map(repr)))
def test_any_metadata_can_be_viewed_and_settled(custom: dict[str, str]) -> None:
    version = VersionMeta("2026-11-22T00:00:00Z")
    entry = Metadata("2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z", 2, 0, {"1": version, "2": version}, custom)
    view(Address(f"{PLACE}/x"), entry, NOW).model_dump_json()
    settled(custom, {1: NOW, 2: NOW}, NOW)


def record(**more: object) -> str:
    return json.dumps({"by": "admin", "at": LONG_AGO, "why": "forged", "op": "updated", **more})


HOSTILE: list[dict[str, str]] = [
    {"v1": '{"by":"a","at":"b","op":[]}'},
    {"v1": '{"by":"\\ud800","at":"b","op":"created"}'},
    {"v1": "[" * 500},
    {"v1": '{"by":1}', "type": "nuclear", "tags": ",,,", "rotate_every": "often"},
    {"expires_at": "0001-01-01T00:00:00+23:59"},
    {"expires_at": "9999-12-31T23:59:59-23:59"},
    {"v²": "x", "v00001": "y", "v-1": "z"},
    {"pending_a": record(to=True), "pending_b": record(to="2"), "pending_c": "{}"},
    {"pending_a": record(to=1, why="a\u00a0b")},
    {"creating": "x"},
]


class Straight:
    """A person at the vault itself, past the adapter."""

    def __init__(self, server: Server, token: Any) -> None:
        self._server, self._token = server, token

    async def patch(self, path: str, custom: Mapping[str, str | None]) -> None:
        async with self._server.vault() as vault:
            await KvStore(vault.session(Caller(self._token))).patch_custom(Address(path), custom)

    async def put(self, path: str, value: str) -> None:
        async with self._server.vault() as vault:
            body = {"data": {"value": value}}
            await vault.session(Caller(self._token)).send("POST", "status/data", path, body=body)

    async def custom(self, path: str) -> dict[str, str]:
        async with self._server.vault() as vault:
            return (await KvStore(vault.session(Caller(self._token))).metadata(Address(path))).custom

    async def value(self, path: str, version: int = 1) -> str:
        async with self._server.vault() as vault:
            store = KvStore(vault.session(Caller(self._token)))
            return (await store.read_version(Address(path), version))["value"].get_secret_value()


async def create(api: httpx.AsyncClient, people: People, name: str, value: str = "one", **more: str) -> str:
    body = {"name": name, "type": "PASSWORD", "value": value, **more}
    made = await api.post("/secrets", json=body, headers=people["developer"].headers)
    assert made.status_code == 201, made.text
    return f"/secrets/{made.json()['id']}"


@pytest.mark.parametrize("custom", HOSTILE, ids=range(len(HOSTILE)))
async def test_one_hostile_entry_spoils_nothing_for_the_others(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str, custom: dict[str, str]
) -> None:
    path = await create(acting, people, fresh)
    await Straight(server, people["developer"].token).patch(f"{PLACE}/{fresh}", custom)
    for name in ("viewer", "developer", "admin"):
        headers = people[name].headers
        listed = await acting.get(f"/secrets?q={fresh}", headers=headers)
        assert [secret["name"] for secret in listed.json()] == [fresh]
        for where in (path, f"{path}/versions"):
            assert (await acting.get(where, headers=headers)).status_code == 200
    change = {"value": "two", "reason": "goes on"}
    changed = await acting.patch(path, json=change | {"type": "PASSWORD"}, headers=people["developer"].headers)
    assert changed.status_code == 200, changed.text
    gone = await acting.request("DELETE", path, json={}, headers=people["admin"].headers)
    assert gone.status_code == 204


async def test_no_author_is_invented(acting: httpx.AsyncClient, server: Server, people: People, fresh: str) -> None:
    path = await create(acting, people, fresh)
    developer = Straight(server, people["developer"].token)
    await developer.patch(f"{PLACE}/{fresh}", {"pending_forged": record(to=2)})
    await developer.put(f"{PLACE}/{fresh}", "by hand")
    newest = (await acting.get(f"{path}/versions", headers=people["developer"].headers)).json()[0]
    assert (newest["version"], newest["createdBy"], newest["flags"]) == (2, None, ["record_missing"])
    assert "pending_forged" not in await developer.custom(f"{PLACE}/{fresh}")


async def test_creations_of_one_name_never_mix(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    root = Straight(server, server.token)
    for number in range(6):
        name = f"{fresh}-{number}"

        async def one(word: str, name: str = name) -> httpx.Response:
            body = {"name": name, "type": "PASSWORD", "value": word, "description": word, "reason": word}
            return await acting.post("/secrets", json=body, headers=people["developer"].headers)

        answers = await asyncio.gather(*(one(f"word{n}") for n in range(8)))
        won = [answer.json()["value"] for answer in answers if answer.status_code == 201]
        assert sorted({answer.status_code for answer in answers}) == [201, 409]
        assert len(won) == 1
        seen = (await acting.get(f"/secrets/environment~production~{name}", headers=people["viewer"].headers)).json()
        assert (await root.value(f"{PLACE}/{name}"), seen["description"], seen["reason"]) == (won[0],) * 3


async def test_a_creation_inherits_nothing_of_one_that_was_never_finished(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    left = {"creating": "x", "tags": "old", "usage": "old", "pending_x": record(to=1, at=old), "type": "custom"}
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(people["developer"].token)))
        await store.create_custom(Address(f"{PLACE}/{fresh}"), left)
    assert (await acting.get(f"/secrets?q={fresh}", headers=people["admin"].headers)).json() == []
    path = await create(acting, people, fresh)
    seen = (await acting.get(path, headers=people["viewer"].headers)).json()
    assert (seen["tags"], seen["usage"], seen["type"], seen["flags"]) == ([], "", "PASSWORD", [])
    assert set(await Straight(server, server.token).custom(f"{PLACE}/{fresh}")) == {"type", "created_by", "v1"}


@pytest.mark.parametrize("sent", [{"environment": None}, {"scope": None}, {"environment": None, "scope": None}])
async def test_null_leaves_a_secret_where_it_is(
    acting: httpx.AsyncClient, people: People, fresh: str, sent: dict[str, None]
) -> None:
    path = await create(acting, people, fresh, scope="global")
    body = {"name": fresh, "type": "PASSWORD", "description": "new", **sent}
    changed = await acting.patch(path, json=body, headers=people["admin"].headers)
    assert (changed.status_code, changed.json()["scope"]) == (200, "global")


@pytest.mark.parametrize("mount", ["../sys/health?", "..", "userpass/../x", "a/b", "", "nowhere"])
async def test_a_mount_that_is_none(api: httpx.AsyncClient, people: People, mount: str) -> None:
    body = {"method": "userpass", "username": "developer", "password": "c4n4ry", "mount": mount}
    answer = await api.post("/auth/login", json=body)
    assert answer.status_code in (400, 401)
    assert "c4n4ry" not in answer.text


async def test_a_path_with_dots_never_reaches_the_vault(server: Server) -> None:
    async with server.vault() as vault:
        for segments in (("status/data", "../../sys/health"), ("..",), ("status", "a/./b")):
            with pytest.raises(StatusError):
                await vault.session(Caller(server.token)).send("GET", *segments)


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
async def test_times_at_the_ends_of_the_calendar(api: httpx.AsyncClient, people: People, fresh: str, when: str) -> None:
    body = {"name": fresh, "type": "PASSWORD", "value": "x", "expiresAt": when}
    answer = await api.post("/secrets", json=body, headers=people["developer"].headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "expiresAt")


async def test_a_rollback_tells_nothing_of_a_value(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    """Type and rule are metadata that a DEVELOPER writes: what shows afterwards must be the same for any value."""
    developer = Straight(server, people["developer"].token)
    shown = []
    for number, value in enumerate(("secret", "other", "12345678")):
        path = await create(acting, people, f"{fresh}-{number}", value)
        planted = {"type": "custom", "rule": "regex:s.*", "fingerprint": "planted", "subject": "planted"}
        await developer.put(f"{PLACE}/{fresh}-{number}", "dummy")
        for kind in ("custom", "password", "ssh_key", "certificate"):
            await developer.patch(f"{PLACE}/{fresh}-{number}", {**planted, "type": kind})
            answer = await acting.post(f"{path}/rollback", json={"version": 1}, headers=people["developer"].headers)
            assert answer.status_code == 201, answer.text
            custom = await developer.custom(f"{PLACE}/{fresh}-{number}")
            shown.append((number, {key: text for key, text in custom.items() if not key.startswith("v")}))
    per_value = [[custom for which, custom in shown if which == number] for number in range(3)]
    assert per_value[0] == per_value[1] == per_value[2]
