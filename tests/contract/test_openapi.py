"""Requests made from the API's own description: nothing fails inside, and every answer is as described."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapter.provision import apply
from tests.conftest import WANTED
from tests.contract.conftest import FrontEnd, serving
from tests.support.bao import running_bao
from tests.support.server import Server

ENDS_NEVER = r"/(events|audit/stream)$"
ENDS_THE_SESSION = r"/auth/logout$"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 6
"""Requests for each call."""

SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this test's alone: the requests grant, retire and disable whatever they like."""
    with running_bao(tmp_path_factory.mktemp("described") / "data") as server:

        async def provision() -> None:
            async with server.vault() as vault:
                await apply(vault, server.token, WANTED)

        asyncio.run(provision())
        yield server


@pytest.fixture(scope="module")
def page(own: Server) -> Iterator[FrontEnd]:
    with serving(own) as page:
        yield page


@pytest.fixture(scope="module")
def described(page: FrontEnd) -> Any:
    document = page.send("GET", "/api/v1/openapi.json").json
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"http://127.0.0.1:{page.port}")
    return schema.exclude(path_regex=ENDS_NEVER).exclude(path_regex=ENDS_THE_SESSION)


def _with_what_is_there(case: schemathesis.Case, secret: str, key: str) -> schemathesis.Case | None:
    """The same request about a secret or a key that exists; None for one about neither."""
    known = {"secret_id": secret, "key_id": key}
    named = {name: known[name] for name in case.path_parameters or {} if name in known}
    case.path_parameters = {**(case.path_parameters or {}), **named, **({"number": 1} if named else {})}
    if isinstance(case.body, dict) and "key" in case.body and not named:
        case.body = {**case.body, "key": key}
        named = {"key": key}
    return case if named else None


def _tried(operation: Any, headers: dict[str, str], secret: str, key: str) -> int:
    """Send what the description allows; answers how many requests about the secret or the key were granted."""
    granted = 0

    @SETTINGS
    @hypothesis.given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        nonlocal granted
        case.call_and_validate(headers=headers, checks=CHECKS, timeout=30)
        if _with_what_is_there(case, secret, key):
            answer = case.call_and_validate(headers=headers, checks=CHECKS, timeout=30)
            granted += answer.status_code < 300

    ask()
    return granted


def test_every_call(described: Any, page: FrontEnd, own: Server) -> None:
    headers = {"X-Vault-Token": own.token.get_secret_value()}
    found, calls, granted = [], 0, 0
    for calls, result in enumerate(described.get_all_operations(), 1):
        operation = result.ok()
        place = {"name": f"seen-{calls}", "scope": "environment/staging"}
        secret = json.dumps({**place, "type": "PASSWORD", "value": "x"})
        made = [
            page.send("POST", f"/api/v1/{kind}", body, headers)
            for kind, body in (("secrets", secret), ("keys", json.dumps(place)))
        ]
        try:
            granted += _tried(operation, headers, *(one.json["id"] for one in made))
        except schemathesis.errors.FailureGroup as failures:  # each call is tried, whatever the others did
            found.append(f"{operation.label}: {[str(one) for one in failures.exceptions]}")
    assert found == []
    assert calls > 50
    assert granted > 20
