"""`status-secrets report` and `audit unusual`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapter.cli import root
from adapter.errors import NotAllowed
from tests.support.bao_cli import bao
from tests.support.server import People, Server

Run = Callable[..., Result]


@pytest.fixture
def run(server: Server, people: People, audit_index: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    log = {"STATUS_AUDIT_LOG": str(server.audit_log), "STATUS_AUDIT_INDEX": str(audit_index)}
    for name, value in (server.environment() | log).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, who: str = "admin") -> Result:
        monkeypatch.setenv("VAULT_TOKEN", people[who].token.get_secret_value())
        result = CliRunner().invoke(root, list(arguments), standalone_mode=False)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


async def test_reports_as_table_json_and_page(run: Run, server: Server, people: People, fresh: str) -> None:
    path = f"environment/production/{fresh}"
    await bao(server, people["developer"], "kv", "put", "-mount=status", path, "value=-", stdin="by hand")
    table = await asyncio.to_thread(run, "report", "never-rotated")
    assert table.stdout.splitlines()[0].split() == ["SECRET", "TYPE", "CREATED", "BY", "DAYS", "OLD"]
    assert path in table.stdout
    body = json.loads((await asyncio.to_thread(run, "report", "activity", "--since", "7d", "--format", "json")).stdout)
    assert body["name"] == "activity"
    assert body["rows"][-1]["changes"] >= 1
    page = (await asyncio.to_thread(run, "report", "access-per-scope", "--format", "html")).stdout
    assert page.startswith("<!DOCTYPE html>")
    assert "environment/production" in page
    assert (await asyncio.to_thread(run, "report", "unused", "--format", "md")).stdout.startswith(
        "# Secrets that nothing"
    )


async def test_what_is_unusual(run: Run, server: Server, people: People, fresh: str) -> None:
    for _ in range(6):
        with pytest.raises(AssertionError, match="permission denied"):
            await bao(server, people["viewer"], "kv", "get", "-mount=status", f"environment/production/{fresh}")
    result = await asyncio.to_thread(run, "audit", "unusual", "--since", "1h")
    rows = [line for line in result.stdout.splitlines() if "denial_burst" in line and people["viewer"].name in line]
    assert rows, result.stdout
    found = json.loads((await asyncio.to_thread(run, "audit", "unusual", "--json")).stdout)
    assert {"findings", "count", "rules"} == set(found)


def test_only_for_admins(run: Run) -> None:
    for arguments in (("report", "unused"), ("audit", "unusual")):
        with pytest.raises(NotAllowed):
            run(*arguments, who="developer")
