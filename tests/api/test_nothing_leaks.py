"""A whole day with one value: it is in the answers that are for it, and in no log."""

from __future__ import annotations

import logging
import secrets

import httpx
import pytest

from tests.support.platform import claims, signed
from tests.support.server import People, Server


async def test_no_value_password_or_token_is_in_a_log(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    value, password, jwt = secrets.token_hex(16), secrets.token_hex(16), signed(claims())
    admin, developer = people["admin"], people["developer"]
    where = f"/secrets/environment~production~{fresh}"
    said: list[httpx.Response] = []

    async def call(
        method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        answer = await acting.request(method, path, json=body, headers=headers or developer.headers)
        said.append(answer)
        return answer

    new = {"name": fresh, "type": "PASSWORD", "value": value, "reason": "new"}
    assert (await acting.post("/secrets", json=new, headers=developer.headers)).json()["value"] == value
    assert (await call("POST", f"{where}/versions", {"value": f"{value}-2"})).status_code == 201
    assert (await call("POST", f"{where}/rollback", {"version": 1})).status_code == 201
    assert (await call("PATCH", where, {"name": f"{fresh}-2", "ifVersion": 3})).status_code == 200
    where += "-2"
    wrong = {"method": "userpass", "username": developer.name, "password": password}
    assert (await call("POST", "/auth/login", wrong)).status_code == 401
    assert (await call("POST", "/auth/login", {"method": "token", "token": password})).status_code == 401
    assert (await call("GET", "/me", None, {"x-access-token": jwt})).status_code == 401
    assert (await call("POST", "/secrets", {**new, "type": "CERTIFICATE"})).status_code == 400
    assert (await call("POST", f"{where}/value", {})).status_code == 403
    used = await acting.post(f"{where}/value", json={}, headers=admin.headers)
    assert used.json()["value"] == value
    assert (await call("GET", where)).status_code == 200
    assert (await call("GET", f"{where}/versions")).status_code == 200
    assert (await call("GET", "/export")).status_code == 200

    unseen = [value, password, jwt, admin.token.get_secret_value(), developer.token.get_secret_value()]
    for secret in unseen:
        assert secret not in caplog.text
        assert all(secret not in answer.text for answer in said)
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    log = server.audit_log.read_text()
    assert fresh in log
    assert not [secret for secret in unseen if secret in log]
