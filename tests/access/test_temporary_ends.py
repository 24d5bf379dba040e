"""Temporary access does not outlive whom it was given to."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapter.service.app import Act
from adapter.service.doctor.checks import Finding
from adapter.vault import identity
from tests.access.test_components import unwrap
from tests.access.test_doctor_managing import act, found
from tests.access.test_temporary import CANARY, give, listed, read, secret, token_of
from tests.support.server import People, Server

__all__ = ["act", "secret"]


@pytest.fixture
async def person(api: httpx.AsyncClient, people: People, fresh: str) -> str:
    answer = await api.post("/people", json={"name": f"p-{fresh}".lower()}, headers=people["admin"].headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["name"])


@pytest.fixture
async def given(api: httpx.AsyncClient, server: Server, people: People, secret: str, person: str) -> str:
    """The token of a person's temporary access, which works."""
    token = await token_of(server, await give(api, people, secret, who=f"person:userpass/{person}"))
    assert (await read(api, secret, token)).json()["value"] == CANARY
    return token


async def switch(api: httpx.AsyncClient, people: People, way: str, who: str) -> dict[str, Any]:
    answer = await api.post(f"/access/{way}", json={"who": who}, headers=people["admin"].headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def check_over(api: httpx.AsyncClient, people: People, secret: str, token: str) -> None:
    assert (await read(api, secret, token)).status_code == 401
    assert await listed(api, people, secret) == []


async def test_it_ends_with_the_disabling(
    api: httpx.AsyncClient, people: People, secret: str, person: str, given: str
) -> None:
    done = await switch(api, people, "disable", f"person:{person}")
    assert done["revoked"] == 1
    await check_over(api, people, secret, given)
    refused = await give(api, people, secret, who=f"person:{person}")
    assert refused.status_code == 409
    assert "is disabled" in refused.json()["detail"]
    assert await listed(api, people, secret) == []
    await switch(api, people, "enable", f"person:{person}")
    await check_over(api, people, secret, given)
    assert (await give(api, people, secret, who=f"person:{person}")).status_code == 201


async def test_it_ends_with_the_removal(
    api: httpx.AsyncClient, people: People, secret: str, person: str, given: str
) -> None:
    assert (await api.delete(f"/people/{person}", headers=people["admin"].headers)).status_code == 204
    await check_over(api, people, secret, given)


async def test_a_wrap_token_that_nobody_used_yet_is_worth_nothing_then(
    api: httpx.AsyncClient, server: Server, people: People, secret: str, person: str
) -> None:
    wrapped = (await give(api, people, secret, who=f"person:{person}")).json()["wrapToken"]
    await switch(api, people, "disable", f"person:{person}")
    inside = await unwrap(server, wrapped)
    assert inside.status_code == 200
    await check_over(api, people, secret, inside.json()["auth"]["client_token"])


@pytest.mark.parametrize("way", ["disable", "remove", "rotate"])
async def test_that_of_a_component_ends_too(
    api: httpx.AsyncClient, server: Server, people: People, secret: str, fresh: str, way: str
) -> None:
    admin, name = people["admin"].headers, f"c-{fresh}".lower()
    body = {"name": name, "scopes": ["environment/production"]}
    assert (await api.post("/components", json=body, headers=admin)).status_code == 201
    token = await token_of(server, await give(api, people, secret, who=f"component:{name}"))
    assert (await read(api, secret, token)).status_code == 200
    if way == "disable":
        await switch(api, people, way, f"component:{name}")
        assert (await give(api, people, secret, who=f"component:{name}")).status_code == 409
    elif way == "remove":
        assert (await api.delete(f"/components/{name}", headers=admin)).status_code == 204
    else:
        assert (await api.post(f"/components/{name}/rotate", headers=admin)).status_code == 200
    await check_over(api, people, secret, token)


async def test_that_of_others_goes_on(api: httpx.AsyncClient, server: Server, people: People, secret: str) -> None:
    token = await token_of(server, await give(api, people, secret))
    other = "x-" + secret.rpartition("~")[2].lower()
    await api.post("/people", json={"name": other}, headers=people["admin"].headers)
    await switch(api, people, "disable", f"person:{other}")
    assert (await read(api, secret, token)).status_code == 200


async def mended(act: Act, secret: str) -> Finding:
    (finding,) = await found(act, secret.replace("~", "/") + " until")
    assert finding.repair is not None
    assert "has ended" in await finding.repair()
    assert await found(act, secret.replace("~", "/") + " until") == []
    return finding


@pytest.mark.parametrize("way", ["disabled", "removed"])
async def test_the_doctor_ends_what_others_left(
    api: httpx.AsyncClient, people: People, secret: str, person: str, given: str, act: Act, way: str
) -> None:
    entity = next(
        one
        for one in [
            await identity.entity_by_name(act.session, name) for name in await identity.entity_names(act.session)
        ]
        if one and any(alias.name == person for alias in one.aliases or ())
    )
    assert await found(act, secret.replace("~", "/") + " until") == []
    if way == "disabled":
        await identity.set_entity(act.session, entity.name, disabled=True)
    else:
        await identity.delete_entity(act.session, entity.name)
    assert (await read(api, secret, given)).status_code == 200
    finding = await mended(act, secret)
    assert ("is disabled" if way == "disabled" else "is gone") in finding.what
    await check_over(api, people, secret, given)
