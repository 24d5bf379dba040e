"""Wrong passwords by the thousand, headers that claim things, wrapped tokens that come back."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotSignedIn, StatusError
from adapter.vault import Caller, VaultSession
from adapter.vault.answers import decode_any
from adapter.vault.transport import Transport
from tests.support.server import People, Server

PRODUCTION = "environment/production"


@asynccontextmanager
async def root(server: Server) -> AsyncIterator[VaultSession]:
    async with server.vault() as vault:
        yield vault.session(Caller(server.token))


async def read(session: VaultSession, path: str) -> dict[str, Any]:
    return decode_any((await session.send("GET", path))[1])


# --- wrong passwords


async def test_a_thousand_wrong_passwords(api: httpx.AsyncClient, server: Server, people: People, fresh: str) -> None:
    password = secrets.token_urlsafe(12)
    async with root(server) as session:
        await session.send("POST", "auth/userpass/users", fresh, body={"password": password})
        bodies: Counter[str] = Counter()

        async def guess(numbers: range) -> None:
            for number in numbers:
                body = {"method": "userpass", "username": fresh, "password": f"guess-{number}"}
                answer = await api.post("/auth/login", json=body)
                assert answer.status_code == 401
                bodies[answer.text] += 1

        await asyncio.gather(*(guess(range(start, 1000, 10)) for start in range(10)))
        assert list(bodies.values()) == [1000], "the first and the last are refused alike, locked out or not"
        nobody = {"method": "userpass", "username": f"{fresh}-nobody", "password": "x"}
        assert (await api.post("/auth/login", json=nobody)).text in bodies, "nor does it tell which names there are"

        right = {"method": "userpass", "username": fresh, "password": password}
        assert (await api.post("/auth/login", json=right)).status_code == 401, "locked out"
        locked = (await read(session, "sys/locked-users"))["by_namespace"]
        [mount] = [m for one in locked for m in one["mount_accessors"] if fresh in m["alias_identifiers"]]
        await session.send("POST", "sys/locked-users", mount["mount_accessor"], "unlock", fresh, body={})
        assert (await api.post("/auth/login", json=right)).status_code == 200
        await session.send("DELETE", "auth/userpass/users", fresh)


# --- headers

INJECTED = (
    "one\r\nX-Vault-Token: root",
    "one\nX-Vault-Token: root",
    "one\rX-Vault-Token: root",
    "one\0two",
    "one\x0btwo",
    "one\x85two",
    "one\u2028two",
    "one\u202etwo",
    "one\x1b[31mtwo",
    "x" * 301,
    "ü" * 151,
)


@pytest.mark.parametrize("reason", INJECTED, ids=range(len(INJECTED)))
async def test_a_reason_is_one_line_of_text(api: httpx.AsyncClient, people: People, fresh: str, reason: str) -> None:
    body = {"name": fresh, "type": "PASSWORD", "value": "v", "reason": reason}
    refused = await api.post("/secrets", json=body, headers=people["developer"].headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason")
    assert "two" not in refused.text
    header = {**people["developer"].headers, "X-Status-Reason": reason.encode("utf-8")}  # type: ignore[dict-item]
    body.pop("reason")
    refused = await api.post("/secrets", json=body, headers=header)
    assert refused.status_code == 400
    seen = await api.get(f"/secrets/environment~production~{fresh}", headers=people["developer"].headers)
    assert seen.status_code == 404, "nothing was made"


FORGED = {
    "X-Status-Actor": "admin",
    "X-Status-Request": "forged",
    "X-Status-Component": "node-red",
    "X-Status-Client": "tui/1.0\tadmin",
    "X-Vault-Namespace": "other",
    "X-Vault-Wrap-TTL": "1h",
    "X-Vault-Policy-Override": "true",
    "X-Vault-Inline-Auth-Path": "auth/userpass/login/admin",
    "X-Forwarded-For": "203.0.113.9",
    "X-Real-Ip": "203.0.113.9",
    "X-Http-Method-Override": "DELETE",
    "X-Original-Url": "/api/v1/secrets",
    "Forwarded": "for=203.0.113.9",
    "Host": "evil.example",
    "Cookie": "accessToken=x",
}

PASSED_ON = {
    "x-vault-token",
    "x-vault-request",
    "x-status-client",
    "x-status-request",
    "x-status-reason",
    "x-forwarded-for",
    "content-type",
}


async def test_no_header_of_the_callers_reaches_the_vault(
    api: httpx.AsyncClient, people: People, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the reason and the client's name, which are shown as the caller's own words."""
    sent: list[dict[str, str]] = []
    exchange = Transport._exchange

    async def watched(self: Transport, method: str, url: Any, data: Any, headers: Any) -> Any:
        sent.append({name.lower(): text for name, text in headers.items()})
        return await exchange(self, method, url, data, headers)

    monkeypatch.setattr(Transport, "_exchange", watched)
    headers = {**people["developer"].headers, **FORGED}
    made = await api.post("/secrets", json={"name": fresh, "type": "PASSWORD", "value": "v"}, headers=headers)
    assert made.status_code == 201, made.text
    as_developer = [one for one in sent if "x-vault-token" in one]
    assert as_developer
    assert all(one.keys() <= PASSED_ON for one in sent)
    for one in as_developer:
        assert one["x-status-client"] == "api", "a name that is none"
        assert one["x-status-request"] != "forged"
        assert one["x-forwarded-for"] == "127.0.0.1", "the connection's own address"
        assert one["x-vault-token"] == people["developer"].token.get_secret_value()


async def test_two_tokens_are_never_mixed(api: httpx.AsyncClient, people: People) -> None:
    """The first place counts, whatever the others say; no part of the answer comes from another's rights."""
    viewer, admin = (people[name].token.get_secret_value() for name in ("viewer", "admin"))
    me = await api.get("/me", headers={"X-Vault-Token": viewer, "Authorization": f"Bearer {admin}"})
    assert me.json()["name"] == people["viewer"].name
    for wrong in ({"X-Vault-Token": "x"}, {"Authorization": "Bearer x"}):
        rest = {"X-Access-Token": admin, "Cookie": f"accessToken={admin}"}
        assert (await api.get("/me", headers={**rest, **wrong})).status_code == 401
    assert (await api.get("/me", headers={"Cookie": f"accessToken={admin}"})).status_code == 401
    assert (await api.get("/me", headers={"Authorization": f"Basic {admin}"})).status_code == 401


async def test_a_secret_of_others_and_none_are_asked_for_alike(
    api: httpx.AsyncClient, people: People, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answer after the same requests, each of which the vault refuses before it looks."""
    admin, outsider = people["admin"].headers, people["outsider"].headers
    await api.post("/secrets", json={"name": fresh, "type": "PASSWORD", "value": "v"}, headers=admin)
    asked: list[str] = []
    send = Transport._send_once

    async def watched(self: Transport, method: str, path: str, *rest: Any) -> Any:
        asked.append(f"{method} {path.split(PRODUCTION)[0]}")
        return await send(self, method, path, *rest)

    monkeypatch.setattr(Transport, "_send_once", watched)
    seen = []
    for name in (fresh, f"{fresh}-none"):
        one = f"/secrets/environment~production~{name}"
        refs = {"refs": [f"secret://{PRODUCTION}/{name}"]}
        bodies = []
        for method, path, body in (
            ("GET", one, None),
            ("GET", f"{one}/versions", None),
            ("GET", f"{one}/audit", None),
            ("POST", f"{one}/value", {}),
            ("POST", f"{one}/rollback", {"version": 1}),
            ("PATCH", one, {"description": "x"}),
            ("DELETE", one, {}),
            ("POST", "/resolve", refs),
        ):
            answer = await api.request(method, path, json=body, headers=outsider)
            bodies.append((method, answer.status_code, answer.text.replace(name, "")))
        seen.append((bodies, list(asked)))
        asked.clear()
    assert seen[0] == seen[1]
    assert all(status >= 400 or method == "POST" for method, status, _ in seen[0][0])


async def test_no_answer_is_kept_or_taken_for_another_type(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    headers = people["developer"].headers
    await api.post("/secrets", json={"name": fresh, "type": "PASSWORD", "value": "v"}, headers=headers)
    one = f"/secrets/environment~production~{fresh}"
    for path in ("/me", "/secrets", one, f"{one}/versions", "/auth/methods", "/health", "/nothing", "/export"):
        answer = await api.get(path, headers=headers)
        assert answer.headers.get_list("Cache-Control") == ["no-store"], path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path


# --- wrapped tokens


async def unwrap(server: Server, token: str) -> dict[str, Any]:
    async with server.vault() as vault:
        _, content = await vault.session(Caller(SecretStr(token))).send("POST", "sys/wrapping/unwrap", body={})
        return decode_any(content)


async def test_a_wrapped_value_comes_out_once(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    admin = people["admin"].headers
    await api.post("/secrets", json={"name": fresh, "type": "PASSWORD", "value": "c4n4ry"}, headers=admin)
    where = f"/secrets/environment~production~{fresh}/value"
    wrapped = (await api.post(where, json={"wrap": "60s"}, headers=admin)).json()
    assert "c4n4ry" not in json.dumps(wrapped)
    assert (await unwrap(server, wrapped["wrapToken"]))["data"]["value"] == "c4n4ry"
    for _ in range(3):
        with pytest.raises((Invalid, NotAllowed, NotSignedIn)):
            await unwrap(server, wrapped["wrapToken"])


async def test_a_wrapped_token_is_no_session(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    """Who tries it as one gets nothing, and its owner finds it used: an interception shows."""
    admin = people["admin"].headers
    await api.post("/secrets", json={"name": fresh, "type": "PASSWORD", "value": "c4n4ry"}, headers=admin)
    where = f"/secrets/environment~production~{fresh}/value"
    token = (await api.post(where, json={"wrap": "60s"}, headers=admin)).json()["wrapToken"]
    for call in (
        api.post("/auth/login", json={"method": "token", "token": token}),
        api.get("/me", headers={"X-Vault-Token": token}),
        api.get("/secrets", headers={"X-Vault-Token": token}),
        api.post(where, json={}, headers={"X-Vault-Token": token}),
    ):
        answer = await call
        assert answer.status_code in (401, 403, 404), answer.text
        assert "c4n4ry" not in answer.text
        assert token not in answer.text


async def test_a_components_secret_id_is_handed_over_once(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    admin = people["admin"].headers
    made = await api.post("/components", json={"name": fresh, "scopes": [PRODUCTION]}, headers=admin)
    assert made.status_code == 201, made.text
    secret_id = (await unwrap(server, made.json()["wrappedSecretId"]))["secret_id"]
    with pytest.raises(StatusError):
        await unwrap(server, made.json()["wrappedSecretId"])
    body = {"method": "approle", "roleId": made.json()["roleId"], "secretId": secret_id}
    signed_in = await api.post("/auth/login", json=body)
    assert (signed_in.json()["name"], signed_in.json()["roles"]) == (fresh, {PRODUCTION: "USE"})
    await api.request("DELETE", f"/components/{fresh}", json={}, headers=admin)
    assert (await api.post("/auth/login", json=body)).status_code == 401
