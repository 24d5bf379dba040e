"""The only way that a value leaves, on the real server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapter.api.app import create_app
from adapter.errors import StatusError
from adapter.model.address import Address
from adapter.settings import load_settings
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.api.conftest import Make
from tests.support.server import People, Person, Server, component

PRODUCTION = "environment/production"


async def test_a_component_gets_a_value(api: httpx.AsyncClient, user: Person, make: Make) -> None:
    path = f"/secrets/{await make('c4n4ry-1')}/value"
    answer = await api.post(path, json={"reason": "start"}, headers=user.headers)
    assert (answer.status_code, answer.json()) == (200, {"value": "c4n4ry-1", "version": 1})
    assert answer.headers["Cache-Control"] == "no-store"


async def test_an_earlier_version(api: httpx.AsyncClient, user: Person, people: People, make: Make) -> None:
    path = f"/secrets/{await make('c4n4ry-1')}"
    await api.post(f"{path}/versions", json={"value": "c4n4ry-2"}, headers=people["developer"].headers)
    for sent, value, version in (({}, "c4n4ry-2", 2), ({"version": 1}, "c4n4ry-1", 1), ({"version": 2}, "c4n4ry-2", 2)):
        answer = await api.post(f"{path}/value", json=sent, headers=user.headers)
        assert answer.json() == {"value": value, "version": version}
    await api.delete(f"{path}/versions/1", headers=people["developer"].headers)
    for number in (1, 9):
        gone = await api.post(f"{path}/value", json={"version": number}, headers=user.headers)
        assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert (await api.post(f"{path}/value", json={}, headers=user.headers)).json()["version"] == 2


async def test_the_fields_of_a_secret_of_the_cli(
    api: httpx.AsyncClient, server: Server, user: Person, fresh: str
) -> None:
    async with server.vault() as vault:
        body = {"data": {"value": "c4n4ry", "port": 5432, "more": {"a": [1]}}}
        await vault.session(Caller(server.token)).send("POST", "status/data", PRODUCTION, fresh, body=body)
        await vault.session(Caller(server.token)).send(
            "POST", "status/data", PRODUCTION, f"{fresh}-2", body={"data": {"user": "u", "password": "p"}}
        )
    path = f"/secrets/environment~production~{fresh}"
    whole = (await api.post(f"{path}/value", json={}, headers=user.headers)).json()
    assert whole == {"value": "c4n4ry", "version": 1, "fields": {"port": "5432", "more": '{"a":[1]}'}}
    one = (await api.post(f"{path}/value", json={"field": "port"}, headers=user.headers)).json()
    assert one == {"value": "5432", "version": 1}
    none = await api.post(f"{path}-2/value", json={}, headers=user.headers)
    assert (none.status_code, none.json()["code"]) == (404, "not_found")
    assert "password, user" in none.json()["hint"]


async def test_who_may_view_and_not_use_is_told_the_right(api: httpx.AsyncClient, people: People, make: Make) -> None:
    secret = await make()
    for name in ("viewer", "developer"):
        for sent in ({}, {"version": 1}, {"wrap": "60s"}):
            answer = await api.post(f"/secrets/{secret}/value", json=sent, headers=people[name].headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
            assert "the right use" in answer.json()["detail"]
            assert "c4n4ry" not in answer.text
    missing = await api.post(f"/secrets/{secret}x/value", json={}, headers=people["viewer"].headers)
    assert missing.status_code == 404
    admin = await api.post(f"/secrets/{secret}/value", json={}, headers=people["admin"].headers)
    assert admin.json()["value"] == "c4n4ry"


async def test_outside_the_own_scopes_nothing_is_there(
    api: httpx.AsyncClient, server: Server, people: People, user: Person, make: Make
) -> None:
    there, not_there = await make(scope="environment/staging"), "environment~staging~nothing"
    answers = [
        (await api.post(f"/secrets/{secret}/value", json=sent, headers=who.headers)).json()
        for secret in (there, not_there, ".scopes~global", "%00")
        for who in (user, people["outsider"])
        for sent in ({}, {"version": 1}, {"wrap": "60s"})
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["code"] == "not_found"


async def test_no_token_and_a_wrong_one(api: httpx.AsyncClient, make: Make) -> None:
    secret = await make()
    for headers in ({}, {"X-Vault-Token": "s.wrong"}):
        answer = await api.post(f"/secrets/{secret}/value", json={}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_wrapped_for_one_use(api: httpx.AsyncClient, server: Server, user: Person, make: Make) -> None:
    secret = await make("c4n4ry-wrapped")
    answer = await api.post(f"/secrets/{secret}/value", json={"wrap": "90s"}, headers=user.headers)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"wrapToken", "expiresAt"}
    assert "c4n4ry" not in answer.text
    ends = datetime.fromisoformat(answer.json()["expiresAt"])
    assert timedelta(seconds=60) < ends - datetime.now(UTC) <= timedelta(seconds=90)
    body = {"token": answer.json()["wrapToken"]}
    async with server.vault() as vault:
        session = vault.session(Caller(user.token))
        _, content = await session.send("POST", "sys/wrapping/unwrap", body=body)
        assert json.loads(content)["data"]["data"]["value"] == "c4n4ry-wrapped"
        with pytest.raises(StatusError):
            await session.send("POST", "sys/wrapping/unwrap", body=body)


@pytest.mark.parametrize("span", ["301s", "6m", "0s", "", "1h", "-5s", "5", "1.5m", "\uff19s"])
async def test_a_wrap_of_another_span(api: httpx.AsyncClient, user: Person, make: Make, span: str) -> None:
    answer = await api.post(f"/secrets/{await make()}/value", json={"wrap": span}, headers=user.headers)
    if span == "5":
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "wrap")
        assert "5 minutes" in answer.json()["detail"]


@pytest.mark.parametrize(
    "sent", [{"version": 0}, {"version": True}, {"version": "1"}, {"version": 1.5}, {"x": 1}, {"field": 1}, [], None]
)
async def test_a_body_that_does_not_fit(api: httpx.AsyncClient, user: Person, make: Make, sent: object) -> None:
    answer = await api.post(f"/secrets/{await make()}/value", json=sent, headers=user.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_an_expired_secret(
    api: httpx.AsyncClient, server: Server, people: People, make: Make, fresh: str
) -> None:
    scope, other = "environment/development", await component(server, "environment/development")
    secret = await make(scope=scope, expiresAt=(datetime.now(UTC) + timedelta(days=1)).isoformat())
    path = f"/secrets/{secret}/value"
    assert "expired" not in (await api.post(path, json={}, headers=other.headers)).json()
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(server.token)))
        await store.patch_custom(Address(f"{scope}/{fresh}"), {"expires_at": "2020-01-01T00:00:00.000Z"})
        assert (await api.post(path, json={}, headers=other.headers)).json() == {
            "value": "c4n4ry",
            "version": 1,
            "expired": True,
        }
        api._transport.app.state.services.scope_settings.forget()  # type: ignore[attr-defined]
        entry = Address(f".scopes/{scope}")
        await store.patch_custom(entry, {"expired": "refuse"})
        try:
            for sent in ({}, {"wrap": "60s"}):
                refused = await api.post(path, json=sent, headers=other.headers)
                assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
                assert "expired" in refused.json()["detail"]
        finally:
            await store.patch_custom(entry, {"expired": "serve"})


async def test_a_reason_a_client_and_an_address_are_in_the_log(
    api: httpx.AsyncClient, server: Server, user: Person, make: Make, fresh: str
) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    secret = await make("c4n4ry-audit")
    headers = user.headers | {"X-Status-Client": "billing/1.2"}
    await api.post(f"/secrets/{secret}/value", json={"reason": "start of billing"}, headers=headers)
    text = server.audit_log.read_text()
    wanted = f"status/data/{PRODUCTION}/{fresh}"
    requests = [json.loads(line)["request"] for line in text.splitlines() if wanted in line]
    reads = [request for request in requests if request["operation"] == "read"]
    assert len(reads) == 2  # one request to the vault: its two lines
    assert reads[0]["headers"]["x-status-reason"] == ["start of billing"]
    assert reads[0]["headers"]["x-status-client"] == ["billing/1.2"]
    assert reads[0]["remote_address"] == "127.0.0.1"
    assert "c4n4ry-audit" not in text


async def test_an_address_that_a_trusted_proxy_tells_is_in_the_log(
    server: Server, user: Person, make: Make, fresh: str
) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    secret = await make()
    for trusted, address in ((("127.0.0.1",), "203.0.113.9"), ((), "127.0.0.1")):
        app = create_app(load_settings(vault_addr=server.url, vault_cacert=server.cacert, trusted_proxies=trusted))
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as behind,
        ):
            headers = user.headers | {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
            assert (await behind.post(f"/secrets/{secret}/value", json={}, headers=headers)).is_success
        wanted = f"status/data/{PRODUCTION}/{fresh}"
        lines = [json.loads(line)["request"] for line in server.audit_log.read_text().splitlines() if wanted in line]
        assert lines[-1]["remote_address"] == address


@pytest.mark.parametrize("value", ["x" * 500_000, "a\u2028b<&>\t\r\nü\U0001f600\u200d" * 300])
async def test_large_and_unusual_values_come_as_they_are(
    api: httpx.AsyncClient, user: Person, make: Make, value: str
) -> None:
    secret = await make(value)
    for _ in range(2):
        answer = await api.post(f"/secrets/{secret}/value", json={}, headers=user.headers)
        assert answer.json() == {"value": value, "version": 1}
