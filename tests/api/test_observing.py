"""`/ready`, `/metrics` and the log lines: what runs, and nothing about secrets."""

from __future__ import annotations

import json
import logging
import re

import httpx
import pytest
from pydantic import SecretStr

from adapter.api.app import create_app
from adapter.cli.log_format import JsonLines, log_config
from adapter.settings import load_settings
from tests.api.conftest import Make
from tests.support.server import People, Person, Server


def figures(text: str, name: str) -> dict[str, float]:
    """A metric's figures by their labels."""
    return {labels: float(value) for labels, value in re.findall(rf"^{name}({{.*}})? (\S+)$", text, re.M)}


async def test_calls_and_requests_are_counted(
    api: httpx.AsyncClient, user: Person, make: Make, fresh: str, people: People
) -> None:
    secret = await make("c4n4ry-metrics")
    for _ in range(3):
        await api.post(f"/secrets/{secret}/value", json={}, headers=user.headers)
    await api.get(f"/secrets/{secret}", headers=user.headers)
    await api.get(f"/{fresh}")
    await api.request("PROPFIND", "/secrets", headers=user.headers)
    answer = await api.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    calls = figures(answer.text, "status_http_requests_total")
    assert calls['{method="POST",route="/secrets/{secret_id}/value",status="200"}'] == 3
    assert calls['{method="GET",route="/secrets/{secret_id}",status="200"}'] == 1
    assert calls['{method="GET",route="other",status="404"}'] == 1
    assert any('method="other"' in labels for labels in calls)
    vault = figures(answer.text, "status_vault_requests_total")
    assert vault['{method="GET",status="200"}'] >= 4
    assert figures(answer.text, "status_event_listeners") == {"": 0.0}
    token = user.token.get_secret_value()
    for word in (fresh, "c4n4ry", token, people["developer"].name, "environment"):
        assert word not in answer.text


async def test_ready(api: httpx.AsyncClient, acting: httpx.AsyncClient) -> None:
    for adapter in (api, acting):
        answer = await adapter.get("/ready")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("url", "role_id", "status"),
    [(None, "wrong", "identity_refused"), ("http://127.0.0.1:1", None, "unreachable")],
)
async def test_not_ready(server: Server, people: People, url: str | None, role_id: str | None, status: str) -> None:
    settings = load_settings(
        vault_addr=url or server.url,
        vault_cacert=server.cacert,
        adapter_role_id=role_id,
        adapter_secret_id=SecretStr("wrong") if role_id else None,
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as api,
    ):
        answer = await api.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": status})


async def test_a_line_for_each_call_holds_no_value_and_no_name(
    api: httpx.AsyncClient, user: Person, make: Make, fresh: str, caplog: pytest.LogCaptureFixture
) -> None:
    secret = await make("c4n4ry-log")
    caplog.set_level(logging.INFO, logger="adapter")
    headers = user.headers | {"X-Status-Reason": "c4n4ry reason"}
    await api.post(f"/secrets/{secret}/value", json={"reason": "c4n4ry"}, headers=headers)
    await api.post("/resolve", json={"refs": [f"secret://environment/production/{fresh}"]}, headers=headers)
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "adapter.calls"]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/secrets/{secret_id}/value", 200),
        ("POST", "/resolve", 200),
    ]
    assert all(re.fullmatch(r"[0-9a-f]{32}", line["request"]) and line["ms"] > 0 for line in lines)
    text = json.dumps(lines) + caplog.text
    for word in (fresh, "c4n4ry", user.token.get_secret_value()):
        assert word not in text


def test_an_exception_is_its_type_alone() -> None:
    error = ValueError("c4n4ry")
    record = logging.LogRecord("x", logging.ERROR, "", 0, "it broke", None, (ValueError, error, None))
    line = json.loads(JsonLines().format(record))
    assert (line["level"], line["message"], line["error"]) == ("error", "it broke", "ValueError")
    assert "c4n4ry" not in json.dumps(line)
    assert log_config("json", "info")["loggers"]["adapter"]["level"] == "INFO"
