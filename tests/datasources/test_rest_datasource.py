"""Configurations of REST and of ready-made datasources, rendered for a component, get in at a real HTTP server."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.support.rest_server import RestServer, running_rest_server
from tests.support.server import People, Person


@pytest.fixture(scope="module")
def rest() -> Iterator[RestServer]:
    with running_rest_server() as server:
        yield server


@pytest.fixture
async def references(api: httpx.AsyncClient, people: People, rest: RestServer, fresh: str) -> dict[str, str]:
    """What the server knows, as secrets in production: by what it is, the reference to it."""
    found = {}
    values = {"token": rest.token, "password": rest.password, "session": rest.session, "api_key": rest.api_key}
    for name, value in (values | {"user": rest.user, "tenant": rest.tenant}).items():
        body = {"name": f"{fresh}_{name}", "type": "CUSTOM", "value": value}
        made = await api.post("/secrets", json=body, headers=people["developer"].headers)
        assert made.status_code == 201, made.text
        found[name] = f"secret://environment/production/{fresh}_{name}"
    return found


async def rendered(api: httpx.AsyncClient, person: Person, document: Any) -> Any:
    answer = await api.post("/render", json={"document": document}, headers=person.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()["document"]


async def call(rest: RestServer, path: str, config: Mapping[str, Any]) -> int:
    """A request as STATUS's REST datasource makes it from its configuration."""
    auth = config.get("auth", {})
    headers = dict(config.get("headers", {}))
    options: dict[str, Any] = {}
    match auth.get("type"):
        case "bearer":
            headers["Authorization"] = f"Bearer {auth['token']}"
        case "basic":
            options["auth"] = httpx.BasicAuth(auth["username"].encode(), auth["password"].encode())
        case "cookie":
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in auth["cookies"].items())
        case "custom":
            headers[auth["headerName"]] = auth["headerValue"]
    async with httpx.AsyncClient(base_url=rest.url, trust_env=False) as client:
        return (await client.get(path, headers=headers, **options)).status_code


def config_of(kind: str, refs: Mapping[str, str]) -> dict[str, Any]:
    return {
        "bearer": {"auth": {"type": "bearer", "token": refs["token"]}},
        "basic": {"auth": {"type": "basic", "username": refs["user"], "password": refs["password"]}},
        "cookie": {"auth": {"type": "cookie", "cookies": {"session": refs["session"], "theme": "dark"}}},
        "custom": {"auth": {"type": "custom", "headerName": "X-Api-Key", "headerValue": refs["api_key"]}},
        "headers": {
            "headers": {
                "X-Tenant-Key": f"key ${{{refs['api_key']}}}",
                "Authorization": f"Bearer ${{{refs['token']}}}",
                "Accept": "application/json",
            }
        },
    }[kind]


@pytest.mark.parametrize("kind", ["bearer", "basic", "cookie", "custom", "headers"])
async def test_a_rest_datasource_gets_in(
    api: httpx.AsyncClient, rest: RestServer, component: Person, references: dict[str, str], kind: str
) -> None:
    document = {
        "name": "Reports",
        "definitionId": "rest-api",
        "environment": "production",
        "config": {"url": rest.url, **config_of(kind, references)},
    }
    before = copy.deepcopy(document)
    done = await rendered(api, component, document)
    assert await call(rest, f"/{kind}", done["config"]) == 200
    assert await call(rest, f"/{kind}", document["config"]) == 401  # type: ignore[arg-type]
    assert document == before
    assert {key: done[key] for key in done if key != "config"} == {
        key: before[key] for key in before if key != "config"
    }
    assert done["config"]["url"] == rest.url


async def test_the_ready_made_datasources_get_in(
    api: httpx.AsyncClient, rest: RestServer, component: Person, references: dict[str, str]
) -> None:
    refs = references
    documents = [
        {"definitionId": "github-api", "config": {"personalAccessToken": refs["token"]}},
        {
            "definitionId": "microsoft-graph",
            "config": {"tenantId": refs["tenant"], "clientId": refs["user"], "clientSecret": refs["password"]},
        },
        {"definitionId": "owncloud", "config": {"username": refs["user"], "password": refs["password"]}},
    ]
    github, graph, owncloud = (document["config"] for document in await rendered(api, component, documents))
    async with httpx.AsyncClient(base_url=rest.url, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {github['personalAccessToken']}"}
        assert (await client.get("/user", headers=headers)).status_code == 200
        form = {
            "grant_type": "client_credentials",
            "client_id": graph["clientId"],
            "client_secret": graph["clientSecret"],
            "scope": "https://graph.microsoft.com/.default",
        }
        granted = await client.post(f"/{graph['tenantId']}/oauth2/v2.0/token", data=form)
        assert granted.status_code == 200
        headers = {"Authorization": f"Bearer {granted.json()['access_token']}"}
        assert (await client.get("/v1.0/users", headers=headers)).status_code == 200
        login = httpx.BasicAuth(owncloud["username"].encode(), owncloud["password"].encode())
        assert (await client.get("/remote.php/dav/files/reports", auth=login)).status_code == 200


async def test_who_may_not_use_the_secrets_gets_nothing_rendered(
    api: httpx.AsyncClient, rest: RestServer, people: People, references: dict[str, str]
) -> None:
    document = {"definitionId": "rest-api", "config": config_of("bearer", references)}
    for person, status in (("viewer", 403), ("developer", 403), ("outsider", 404)):
        answer = await api.post("/render", json={"document": document}, headers=people[person].headers)
        assert answer.status_code == status
        assert rest.token not in answer.text
