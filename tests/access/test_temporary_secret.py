"""Temporary access is to one secret, not to whatever has its name later."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from adapter.model.temporary import parse
from adapter.service import temporary
from adapter.service.app import Act
from adapter.vault.policies import temporary_policy
from tests.access.test_components import straight
from tests.access.test_doctor_managing import act
from tests.access.test_temporary import CANARY, give, listed, read, secret, token_of
from tests.access.test_temporary_ends import check_over, mended
from tests.support.server import People, Server

__all__ = ["act", "secret"]

OTHER = "c4n4ry-0f-another"


async def another(api: httpx.AsyncClient, people: People, secret: str) -> None:
    body = {"name": secret.rpartition("~")[2], "type": "PASSWORD", "value": OTHER, "scope": "environment/staging"}
    made = await api.post("/secrets", json=body, headers=people["admin"].headers)
    assert made.status_code == 201, made.text
    assert made.json()["id"] == secret


async def take_name_away(api: httpx.AsyncClient, people: People, secret: str, way: str) -> None:
    path, admin = f"/secrets/{secret}", people["admin"].headers
    if way == "delete":
        answer = await api.delete(path, headers=admin)
    elif way == "move":
        answer = await api.patch(path, json={"scope": "global", "reason": "for all"}, headers=admin)
    else:
        grant = {"who": f"person:{people['developer'].name}", "role": "DEVELOPER", "scope": "environment/staging"}
        assert (await api.post("/grants", json=grant, headers=admin)).is_success
        name = secret.rpartition("~")[2] + "-renamed"
        answer = await api.patch(path, json={"name": name}, headers=people["developer"].headers)
    assert answer.is_success, answer.text


@pytest.mark.parametrize("way", ["rename", "move", "delete"])
async def test_it_ends_when_the_secret_loses_its_name(
    acting: httpx.AsyncClient, server: Server, people: People, secret: str, way: str
) -> None:
    token = await token_of(server, await give(acting, people, secret))
    beside = await token_of(server, await give(acting, people, f"{secret}2"))
    assert (await read(acting, secret, token)).json()["value"] == CANARY
    await take_name_away(acting, people, secret, way)
    await another(acting, people, secret)
    place = secret.replace("~", "/")
    assert (await straight(server, "GET", f"status/data/{place}", token)).status_code == 403
    assert (await read(acting, secret, token)).status_code == 404
    assert await listed(acting, people, secret) == []
    assert (await read(acting, f"{secret}2", beside)).json()["value"] == CANARY
    again = await token_of(server, await give(acting, people, secret))
    assert (await read(acting, secret, again)).json()["value"] == OTHER


async def test_what_is_given_while_the_secret_goes_away_ends(
    api: httpx.AsyncClient, server: Server, people: People, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mint = temporary._mint

    async def deleted_meanwhile(*args: object) -> object:
        minted = await mint(*args)  # type: ignore[arg-type]
        await straight(server, "DELETE", f"status/metadata/{secret.replace('~', '/')}", server.token.get_secret_value())
        await another(api, people, secret)
        return minted

    monkeypatch.setattr(temporary, "_mint", deleted_meanwhile)
    assert (await give(api, people, secret)).status_code == 409
    assert await listed(api, people, secret) == []


@pytest.mark.parametrize("again", [False, True])
async def test_the_doctor_ends_what_the_vaults_own_command_left(
    api: httpx.AsyncClient, server: Server, people: People, secret: str, act: Act, again: bool
) -> None:
    token = await token_of(server, await give(api, people, secret))
    await straight(server, "DELETE", f"status/metadata/{secret.replace('~', '/')}", server.token.get_secret_value())
    if again:
        await another(api, people, secret)
        assert (await read(api, secret, token)).json()["value"] == OTHER  # the vault knows names only
    (seen,) = await listed(api, people, secret)
    assert ("another secret" if again else "deleted") in seen["problem"]
    finding = await mended(act, secret)
    assert ("another secret" if again else "deleted") in finding.what
    await check_over(api, people, secret, token)


async def test_one_that_was_given_before_it_was_bound_is_as_it_was(
    api: httpx.AsyncClient, server: Server, people: People, secret: str, act: Act
) -> None:
    given = (await give(api, people, secret)).json()
    root = server.token.get_secret_value()
    place = f"sys/policies/acl/status-temp-{given['id']}"
    text = (await straight(server, "GET", place, root)).json()["data"]["policy"]
    known = parse(text)
    assert known is not None
    bare = replace(known, created="", entity="")
    await straight(server, "PUT", place, root, {"policy": temporary_policy(bare.title, "status", bare.secret)})
    (seen,) = await listed(api, people, secret)
    assert seen["problem"] is None
