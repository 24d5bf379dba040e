"""Components: their credentials, what they may, rotating, disabling and removing them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapter.client import trust
from adapter.vault import Caller, identity
from tests.support.server import People, Server


@pytest.fixture
async def scope(api: httpx.AsyncClient, people: People, fresh: str) -> str:
    """With a secret `s` in it."""
    name, admin = f"custom/{fresh}", people["admin"].headers
    assert (await api.post("/scopes", json={"scope": name}, headers=admin)).status_code == 201
    body = {"name": "s", "type": "PASSWORD", "value": "v4lue", "scope": name}
    assert (await api.post("/secrets", json=body, headers=admin)).status_code == 201
    return name


async def straight(server: Server, method: str, path: str, token: str = "", body: Any = None) -> httpx.Response:
    """A request to the vault itself."""
    async with httpx.AsyncClient(base_url=f"{server.url}/v1/", verify=trust(server.cacert)) as client:
        return await client.request(method, path, json=body, headers={"X-Vault-Token": token} if token else {})


async def unwrap(server: Server, token: str) -> httpx.Response:
    return await straight(server, "POST", "sys/wrapping/unwrap", token)


async def sign_in(server: Server, role_id: str, secret_id: str) -> httpx.Response:
    body = {"role_id": role_id, "secret_id": secret_id}
    return await straight(server, "POST", "auth/status-approle/login", body=body)


async def token_of(server: Server, credentials: dict[str, str]) -> str:
    unwrapped = await unwrap(server, credentials["wrappedSecretId"])
    answer = await sign_in(server, credentials["roleId"], unwrapped.json()["data"]["secret_id"])
    assert answer.status_code == 200, answer.text
    return str(answer.json()["auth"]["client_token"])


async def delete_role(server: Server, name: str) -> None:
    """As somebody does who knows the vault and not what belongs together there."""
    path = f"auth/status-approle/role/status-component-{name}"
    assert (await straight(server, "DELETE", path, server.token.get_secret_value())).status_code == 204


async def use(api: httpx.AsyncClient, scope: str, token: str) -> httpx.Response:
    path = f"/secrets/{scope.replace('/', '~')}~s/value"
    return await api.post(path, json={}, headers={"X-Vault-Token": token})


async def add(api: httpx.AsyncClient, people: People, name: str, scope: str, **more: Any) -> httpx.Response:
    body = {"name": name, "scopes": [scope], **more}
    return await api.post("/components", json=body, headers=people["admin"].headers)


async def view(api: httpx.AsyncClient, people: People, name: str) -> dict[str, Any] | None:
    answer = await api.get("/components", headers=people["admin"].headers)
    assert answer.status_code == 200, answer.text
    return next((one for one in answer.json() if one["name"] == name), None)


async def test_a_component_is_handed_its_secret_id_once_and_reads_its_scope_only(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    added = await add(api, people, fresh, scope, ttl="2m", reason="flows")
    assert added.status_code == 201, added.text
    assert added.headers["Cache-Control"] == "no-store"
    credentials = added.json()
    token = await token_of(server, credentials)
    assert (await unwrap(server, credentials["wrappedSecretId"])).status_code == 400
    assert (await use(api, scope, token)).json()["value"] == "v4lue"
    other = await api.post("/secrets/environment~production~x/value", json={}, headers={"X-Vault-Token": token})
    assert other.status_code == 404
    me = (await api.get("/me", headers={"X-Vault-Token": token})).json()
    assert me["roles"] == {scope: "USE"}
    seen = await view(api, people, fresh)
    assert seen is not None
    assert (seen["scopes"], seen["state"], seen["secretIds"]) == ([scope], "ready", 1)
    assert (await add(api, people, fresh, scope)).status_code == 409
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        entity = await identity.entity_by_name(session, f"component-{fresh}")
        assert entity is not None
        assert not entity.policies


async def test_a_further_scope_is_a_grant(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    token = await token_of(server, (await add(api, people, fresh, "global")).json())
    assert (await use(api, scope, token)).status_code == 404
    body = {"who": f"component:{fresh}", "scope": scope}
    admin = people["admin"].headers
    assert (await api.post("/grants", json=body, headers=admin)).json()["role"] == "USE"
    assert (await use(api, scope, token)).status_code == 200
    assert (await api.request("DELETE", "/grants", json=body, headers=admin)).status_code == 204
    assert (await use(api, scope, token)).status_code == 404
    refused = await api.post("/grants", json={**body, "role": "DEVELOPER"}, headers=admin)
    assert refused.json()["errors"][0]["field"] == "role"


async def test_rotating_revokes_what_was_before(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    first = (await add(api, people, fresh, scope)).json()
    secret_id = (await unwrap(server, first["wrappedSecretId"])).json()["data"]["secret_id"]
    token = (await sign_in(server, first["roleId"], secret_id)).json()["auth"]["client_token"]
    path = f"/components/{fresh}/rotate"
    second = await api.post(path, json={"reason": "quarterly"}, headers=people["admin"].headers)
    assert second.status_code == 200, second.text
    assert (await use(api, scope, token)).status_code == 401
    assert (await sign_in(server, first["roleId"], secret_id)).status_code == 400
    assert (await use(api, scope, await token_of(server, second.json()))).status_code == 200
    seen = await view(api, people, fresh)
    assert seen is not None
    assert seen["secretIds"] == 1
    assert (await api.post("/components/not-there/rotate", headers=people["admin"].headers)).status_code == 404


async def test_a_disabled_component_is_refused_at_once_and_its_tokens_never_come_back(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    credentials = (await add(api, people, fresh, scope)).json()
    secret_id = (await unwrap(server, credentials["wrappedSecretId"])).json()["data"]["secret_id"]
    token = (await sign_in(server, credentials["roleId"], secret_id)).json()["auth"]["client_token"]
    admin, body = people["admin"].headers, {"who": f"component:{fresh}", "reason": "leaked"}
    off = await api.post("/access/disable", json=body, headers=admin)
    assert (off.status_code, off.json()["disabled"], off.json()["revoked"]) == (200, True, 1)
    assert "5 minutes" in off.json()["message"]
    assert (await use(api, scope, token)).status_code == 401
    assert (await sign_in(server, credentials["roleId"], secret_id)).status_code == 403
    seen = await view(api, people, fresh)
    assert seen is not None
    assert seen["state"] == "disabled"
    on = await api.post("/access/enable", json=body, headers=admin)
    assert on.json()["disabled"] is False
    assert (await use(api, scope, token)).status_code == 401
    assert (await sign_in(server, credentials["roleId"], secret_id)).status_code == 200


async def test_a_token_from_before_is_revoked_when_somebody_else_disabled_the_entity(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    token = await token_of(server, (await add(api, people, fresh, scope)).json())
    async with server.vault() as vault:
        await identity.set_entity(vault.session(Caller(server.token)), f"component-{fresh}", disabled=True)
    body = {"who": f"component:{fresh}"}
    on = await api.post("/access/enable", json=body, headers=people["admin"].headers)
    assert on.json()["revoked"] == 1
    assert (await use(api, scope, token)).status_code == 401


async def test_a_removed_component_leaves_nothing(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    admin = people["admin"].headers
    token = await token_of(server, (await add(api, people, fresh, scope)).json())
    assert (await api.delete(f"/components/{fresh}", headers=admin)).status_code == 204
    assert (await use(api, scope, token)).status_code == 401
    assert await view(api, people, fresh) is None
    assert (await api.delete(f"/components/{fresh}", headers=admin)).status_code == 404
    grants = (await api.get("/grants", headers=admin)).text
    assert fresh not in grants.replace(scope, "")


@pytest.mark.parametrize("missing", ["entity", "secret-id"])
async def test_what_is_half_there_is_finished(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str, missing: str
) -> None:
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        await session.send("POST", "auth/status-approle/role", f"status-component-{fresh}", body={})
        if missing == "secret-id":
            _, content = await session.send("GET", "auth/status-approle/role", f"status-component-{fresh}", "role-id")
            role_id = httpx.Response(200, content=content).json()["data"]["role_id"]
            mounts = await identity.auth_mounts(session)
            await identity.make_entity(session, f"component-{fresh}", role_id, mounts["status-approle"].accessor)
    seen = await view(api, people, fresh)
    assert seen is not None
    assert seen["state"] == ("unfinished" if missing == "entity" else "ready")
    added = await add(api, people, fresh, scope)
    assert added.status_code == 201, added.text
    assert (await use(api, scope, await token_of(server, added.json()))).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "A"}, "name"),
        ({"name": "../status-adapter"}, "name"),
        ({"name": "a-"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["custom/not-there-at-all"]}, "scopes"),
        ({"scopes": ["nowhere"]}, "scopes"),
        ({"ttl": "2 weeks"}, "ttl"),
        ({"ttl": "30d"}, "ttl"),
    ],
)
async def test_what_cannot_be_a_component(
    api: httpx.AsyncClient, people: People, fresh: str, change: dict[str, Any], field: str
) -> None:
    body = {"name": fresh, "scopes": ["global"]} | change
    answer = await api.post("/components", json=body, headers=people["admin"].headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert await view(api, people, fresh) is None


@pytest.mark.parametrize("who", ["viewer", "developer", "outsider"])
async def test_only_an_admin_may(api: httpx.AsyncClient, people: People, fresh: str, who: str) -> None:
    headers = people[who].headers
    answers = [
        await api.get("/components", headers=headers),
        await api.post("/components", json={"name": fresh, "scopes": ["global"]}, headers=headers),
        await api.post(f"/components/{fresh}/rotate", headers=headers),
        await api.delete(f"/components/{fresh}", headers=headers),
        await api.get("/people", headers=headers),
        await api.post("/people", json={"name": fresh}, headers=headers),
        await api.post(f"/people/{people['admin'].name}/password", headers=headers),
        await api.delete(f"/people/{people['admin'].name}", headers=headers),
        await api.post("/access/disable", json={"who": f"person:{people['admin'].name}"}, headers=headers),
        await api.post("/access/enable", json={"who": f"person:{people['admin'].name}"}, headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert all("needs the role ADMIN" in answer.json()["detail"] for answer in answers)


async def test_one_that_is_disabled_or_half_removed_is_not_added(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    """It would be handed credentials that the vault refuses, or come into what the earlier one had."""
    assert (await add(api, people, fresh, scope)).status_code == 201
    admin = people["admin"].headers
    assert (await api.post("/access/disable", json={"who": f"component:{fresh}"}, headers=admin)).status_code == 200
    assert (await add(api, people, fresh, scope)).status_code == 409
    await delete_role(server, fresh)
    assert (await add(api, people, fresh, scope)).status_code == 409
    assert (await api.delete(f"/components/{fresh}", headers=admin)).status_code == 204
    again = await add(api, people, fresh, scope)
    assert (await use(api, scope, await token_of(server, again.json()))).status_code == 200


async def test_one_whose_role_was_deleted_at_the_vault_is_finished(
    api: httpx.AsyncClient, server: Server, people: People, scope: str, fresh: str
) -> None:
    before = await token_of(server, (await add(api, people, fresh, scope)).json())
    assert (await use(api, scope, before)).status_code == 200
    await delete_role(server, fresh)
    assert ((await view(api, people, fresh)) or {})["state"] == "unfinished"
    again = await add(api, people, fresh, scope)
    assert again.status_code == 201, again.text
    assert (await use(api, scope, before)).status_code == 401
    assert (await use(api, scope, await token_of(server, again.json()))).status_code == 200
    assert ((await view(api, people, fresh)) or {})["state"] == "ready"
