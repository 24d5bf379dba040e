"""People who sign in with a user name: adding, a new password, disabling, removing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapter.vault import Caller, identity
from tests.support.server import People, Server


async def login(api: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    return await api.post("/auth/login", json={"method": "userpass", "username": name, "password": password})


async def view(api: httpx.AsyncClient, people: People, name: str) -> dict[str, Any] | None:
    answer = await api.get("/people", headers=people["admin"].headers)
    assert answer.status_code == 200, answer.text
    return next((one for one in answer.json() if one["name"] == name), None)


async def test_the_life_of_an_account(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin, who = people["admin"].headers, f"person:{fresh}"
    added = await api.post("/people", json={"name": fresh.upper(), "reason": "joins us"}, headers=admin)
    assert added.status_code == 201, added.text
    first = added.json()["password"]
    assert (await api.post("/people", json={"name": fresh}, headers=admin)).status_code == 409
    assert (await login(api, fresh, first)).json()["roles"] == {}
    grant = {"who": who, "role": "DEVELOPER", "scope": "environment/staging"}
    assert (await api.post("/grants", json=grant, headers=admin)).status_code == 201
    assert (await login(api, fresh, first)).json()["roles"] == {"environment/staging": "DEVELOPER", "global": "USER"}
    second = "c4n4ry-p4ssword-of-some-length"
    changed = await api.post(f"/people/{fresh}/password", json={"password": second}, headers=admin)
    assert changed.status_code == 200
    assert second not in changed.text
    assert (await login(api, fresh, first)).status_code == 401
    session = (await login(api, fresh, second)).json()["token"]
    off = await api.post("/access/disable", json={"who": who}, headers=admin)
    assert off.json()["revoked"] >= 1
    assert (await api.get("/me", headers={"X-Vault-Token": session})).status_code == 401
    assert (await login(api, fresh, second)).status_code == 401
    seen = await view(api, people, fresh)
    assert seen == {"name": fresh, "who": who, "signIn": ["userpass"], "disabled": True}
    grants = (await api.get("/grants", params={"who": who}, headers=admin)).json()
    assert [one["disabled"] for one in grants] == [True]
    assert (await api.post("/access/enable", json={"who": who}, headers=admin)).status_code == 200
    assert (await api.get("/me", headers={"X-Vault-Token": session})).status_code == 401
    again = (await login(api, fresh, second)).json()["token"]
    assert (await api.delete(f"/people/{fresh}", headers=admin)).status_code == 204
    assert (await api.get("/me", headers={"X-Vault-Token": again})).status_code == 401
    assert (await login(api, fresh, second)).status_code == 401
    assert await view(api, people, fresh) is None
    assert (await api.delete(f"/people/{fresh}", headers=admin)).status_code == 404


async def test_nobody_comes_into_the_roles_of_an_earlier_one_of_that_name(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    """The user name was deleted straight at the vault, or removing it was cut short."""
    admin, names = people["admin"].headers, (fresh, f"{fresh}2", f"{fresh}3")
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        for name in names[:2]:
            assert (await api.post("/people", json={"name": name}, headers=admin)).status_code == 201
            await root.send("DELETE", "auth/userpass/users", name)
        grant = {"who": f"person:{fresh}", "role": "DEVELOPER", "scope": "environment/staging"}
        assert (await api.post("/grants", json=grant, headers=admin)).status_code == 201
        await identity.set_entity(root, f"person-{names[1]}", disabled=True)
        await root.send("POST", "identity/entity/name", f"person-{names[2]}", body={"disabled": True})
    for name in names:
        refused = await api.post("/people", json={"name": name}, headers=admin)
        assert (refused.status_code, f"people remove {name}" in refused.json()["hint"]) == (409, True)
        assert (await api.delete(f"/people/{name}", headers=admin)).status_code == 204
        added = await api.post("/people", json={"name": name}, headers=admin)
        assert added.status_code == 201, added.text
        assert (await login(api, name, added.json()["password"])).json()["roles"] == {}


async def test_a_new_password_ends_a_lockout(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin = people["admin"].headers
    assert (await api.post("/people", json={"name": fresh}, headers=admin)).status_code == 201
    for _ in range(6):
        assert (await login(api, fresh, "wrong")).status_code == 401
    changed = await api.post(f"/people/{fresh}/password", json={}, headers=admin)
    assert (await login(api, fresh, changed.json()["password"])).status_code == 200
    assert (await api.delete(f"/people/{fresh}", headers=admin)).status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": ".."}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "münchen"}, "name"),
        ({"name": "-a"}, "name"),
        ({"name": "x", "password": "short"}, "password"),
        ({"name": "x", "password": "l" * 73}, "password"),
    ],
)
async def test_what_cannot_be_an_account(
    api: httpx.AsyncClient, people: People, body: dict[str, str], field: str
) -> None:
    answer = await api.post("/people", json=body, headers=people["admin"].headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert body.get("password", "no such text") not in answer.text


async def test_nobody_locks_everybody_out(api: httpx.AsyncClient, people: People) -> None:
    name, admin = people["admin"].name, people["admin"].headers
    answers = [
        await api.post("/access/disable", json={"who": f"person:{name}"}, headers=admin),
        await api.delete(f"/people/{name}", headers=admin),
    ]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert (await api.get("/me", headers=admin)).status_code == 200


async def test_what_the_vault_names_for_programs_is_nobody(
    api: httpx.AsyncClient, server: Server, people: People
) -> None:
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        for name in ("entity_0123abcd", "entity_0123abcd.root", "entity_of_somebody"):
            await root.send("POST", "identity/entity/name", name, body={})
        try:
            assert await view(api, people, "entity_of_somebody") is not None
            for name in ("entity_0123abcd", "entity_0123abcd.root"):
                assert await view(api, people, name) is None
        finally:
            for name in ("entity_0123abcd", "entity_0123abcd.root", "entity_of_somebody"):
                await root.send("DELETE", "identity/entity/name", name)
