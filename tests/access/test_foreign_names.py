"""Nothing tells the names that one may not see: not a list, not an error, not the requests that are made for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import httpx
import pytest

from adapter.api.app import create_app
from adapter.settings import load_settings
from adapter.vault.transport import Transport
from tests.support.server import People, Server

KINDS: tuple[Literal["openbao", "vault"], ...] = ("openbao", "vault")


@pytest.fixture(params=KINDS)
async def either(request: pytest.FixtureRequest, server: Server, people: People) -> AsyncIterator[httpx.AsyncClient]:
    """The API as it works with one server and with the other."""
    app = create_app(load_settings(vault_addr=server.url, vault_cacert=server.cacert, server_kind=request.param))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://adapter/api/v1") as client,
    ):
        yield client


@pytest.fixture
async def hidden(api: httpx.AsyncClient, people: People, fresh: str) -> str:
    """A scope in which nobody but ADMIN has a role, with a secret `s` and a key `k`."""
    admin, scope = people["admin"].headers, f"custom/{fresh}"
    assert (await api.post("/scopes", json={"scope": scope, "requireReason": True}, headers=admin)).status_code == 201
    body = {"name": "s", "type": "PASSWORD", "value": "v", "scope": scope, "reason": "r", "tags": [fresh]}
    assert (await api.post("/secrets", json=body, headers=admin)).status_code == 201
    assert (
        await api.post("/keys", json={"name": "k", "scope": scope, "reason": "r"}, headers=admin)
    ).status_code == 201
    return scope


@pytest.mark.parametrize("who", ["viewer", "developer", "outsider"])
async def test_no_list_shows_them(either: httpx.AsyncClient, people: People, hidden: str, who: str) -> None:
    name = hidden.partition("/")[2]
    for path in ("/secrets", "/export", "/export?format=csv", "/me", "/keys", "/secrets?tag=" + name):
        answer = await either.get(path, headers=people[who].headers)
        assert answer.status_code == 200
        assert name not in answer.text, path
    for scope in (hidden, f"{hidden}x"):
        assert (await either.get("/secrets", params={"scope": scope}, headers=people[who].headers)).json() == []
        assert (await either.get("/keys", params={"scope": scope}, headers=people[who].headers)).json() == []


def calls(scope: str, name: str, key: str) -> list[tuple[str, str, Any]]:
    """Every call that names a secret or a scope."""
    secret = f"/secrets/{scope}/{name}".replace(f"{scope}/", f"{scope.replace('/', '~')}~")
    ref, key_id = f"secret://{scope}/{name}", f"{scope.replace('/', '~')}~{key}"
    place = {"scope": scope}
    return [
        ("GET", secret, None),
        ("GET", f"{secret}/versions", None),
        ("GET", f"{secret}/compare?from=1&to=1", None),
        ("GET", f"{secret}/access", None),
        ("GET", f"{secret}/diagnose", None),
        ("PATCH", secret, {"description": "d"}),
        ("PATCH", secret, {"value": "w"}),
        ("PATCH", secret, {"name": "t"}),
        ("PATCH", secret, {"scope": "environment/staging"}),
        ("DELETE", secret, {}),
        ("POST", f"{secret}/versions", {"value": "w"}),
        ("POST", f"{secret}/rollback", {"version": 1}),
        ("DELETE", f"{secret}/versions/1", {}),
        ("POST", f"{secret}/versions/1/undelete", {}),
        ("POST", f"{secret}/versions/1/destroy", {}),
        ("POST", f"{secret}/value", {}),
        ("POST", f"{secret}/value", {"wrap": "60s"}),
        ("POST", f"{secret}/temporary-access", {"who": "person:x", "ttl": "1m", "reason": "r"}),
        ("POST", "/resolve", {"refs": [ref]}),
        ("POST", "/hydrate", {"controls": [{"params": {"secretRefs": [{"id": secret.removeprefix("/secrets/")}]}}]}),
        ("POST", "/render", {"document": {"a": ref}, "partial": True}),
        ("POST", "/secrets", {"name": name, "type": "PASSWORD", "value": "w", **place}),
        ("POST", "/import", {"format": "env", "content": "A=b", "dryRun": True, **place}),
        ("POST", "/keys", {"name": key, **place}),
        ("POST", f"/keys/{key_id}/rotate", {}),
        ("POST", "/encrypt", {"key": key_id, "items": [{"plaintext": "eA=="}]}),
        ("POST", "/decrypt", {"key": key_id, "items": [{"ciphertext": "vault:v1:eA=="}]}),
        ("POST", "/can-i", {"acts": [{"act": "view", **place}, {"act": "update", "secret": f"{scope}/{name}"}]}),
        ("POST", "/scopes", place),
        ("DELETE", f"/scopes/{scope.replace('/', '~')}", {}),
        ("POST", "/grants", {"who": "account:1", "role": "USER", **place}),
        ("DELETE", "/grants", {"who": "account:1", "role": "USER", **place}),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["developer", "outsider"])
async def test_every_answer_is_the_same_for_what_is_there_and_what_is_not(
    either: httpx.AsyncClient, people: People, hidden: str, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    send = Transport._send_once

    async def counted(self: Transport, method: str, path: str, *rest: Any) -> Any:
        asked.append((method, path))
        return await send(self, method, path, *rest)

    monkeypatch.setattr(Transport, "_send_once", counted)
    nowhere = hidden[:-1] + ("0" if hidden[-1] != "0" else "1")
    named = [(hidden, "s", "k"), (hidden, "n", "o"), (nowhere, "s", "k")]
    headers = people[who].headers
    for same in zip(*(calls(*names) for names in named), strict=True):
        seen = []
        for (method, path, body), names in zip(same, named, strict=True):
            await either.get("/me", headers=headers)  # so that each finds the same remembered
            asked.clear()
            answer = await either.request(method, path, json=body, headers=headers)
            requests = [_without_path(one, *names) for one in asked]
            seen.append((answer.status_code, _without(answer.text, *names), requests))
        assert seen[0] == seen[1] == seen[2], same[0][:2]


def _without(text: str, scope: str, name: str, key: str) -> str:
    """What is said, without what the caller gave."""
    for given in (scope, scope.replace("/", "~")):
        for inner in (f"{given}/{name}", f"{given}~{name}", f"{given}~{key}", given):
            text = text.replace(inner, "GIVEN")
    return text


def _without_path(asked: tuple[str, str], scope: str, name: str, key: str) -> tuple[str, str]:
    method, path = asked
    for given in (f"{scope}/{name}", f"{scope}/keys/{key}", f"{scope}/{key}", scope):
        path = path.replace(given, "GIVEN")
    for word in (f"/{key}/rotate", f"/{key}"):
        if path.endswith(word):
            path = path.removesuffix(word) + word.replace(key, "KEY")
    return method, path
