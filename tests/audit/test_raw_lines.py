"""The lines of one request: found wherever they stand, and without anything of a value but hashes."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.audit.lines import nanoseconds
from adapter.audit.raw_lines import MASKED, lines_of, shown
from tests.audit.test_unusual_calls import until
from tests.support.bao_cli import bao
from tests.support.server import People, Server

START = datetime(2026, 11, 20, tzinfo=UTC)


def line(number: int, kind: str = "request") -> bytes:
    """One line of a log that has two each second."""
    time = (START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
    request = {"id": f"00000000-0000-0000-0000-{number:012}", "operation": "read", "path": "status/data/global/x"}
    return json.dumps({"time": time, "type": kind, "auth": {}, "request": request, "pad": "x" * 300}).encode()


def at(number: int) -> int:
    return nanoseconds((START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z"))


def write(path: Path, numbers: range) -> Path:
    text = b"".join(line(number, kind) + b"\n" for number in numbers for kind in ("request", "response"))
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.mark.parametrize("number", [0, 1, 499, 500, 1234, 2999])
def test_both_lines_are_found_in_any_file(tmp_path: Path, number: int) -> None:
    write(tmp_path / "audit.log.1.gz", range(500))
    log = write(tmp_path / "audit.log", range(500, 3000))
    found = lines_of([log], f"00000000-0000-0000-0000-{number:012}", at(number))
    assert [json.loads(one)["type"] for one in found] == ["request", "response"]


def test_damaged_lines_do_not_lead_astray(tmp_path: Path) -> None:
    log = write(tmp_path / "audit.log", range(3000))
    lines = log.read_bytes().splitlines()
    for index in range(0, len(lines), 3):
        lines[index] = b"\xff{not json" * 20
    log.write_bytes(b"\n".join(lines) + b"\n")
    for number in (10, 1500, 2990):
        assert lines_of([log], f"00000000-0000-0000-0000-{number:012}", at(number))


def test_another_request_that_only_names_it_is_left_out(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    body = json.loads(line(5))
    body["request"]["data"] = {"note": "00000000-0000-0000-0000-000000000001"}
    log.write_bytes(line(1) + b"\n" + json.dumps(body).encode() + b"\n")
    assert len(lines_of([log], "00000000-0000-0000-0000-000000000001", at(1))) == 1


def test_what_is_not_hashed_is_not_shown() -> None:
    body = json.loads(line(1))
    body["request"]["data"] = {"data": {"pin": 4711, "on": True, "value": "hmac-sha256:ab", "in": [{"n": 0.5}]}}
    body["response"] = {"data": {"data": {"pin": 4711}, "metadata": {"version": 3}}, "wrap_info": None}
    text = shown(json.dumps(body).encode())
    assert "4711" not in text
    found = json.loads(text)
    assert found["request"]["data"]["data"] == {
        "pin": MASKED,
        "on": MASKED,
        "value": "hmac-sha256:ab",
        "in": [{"n": MASKED}],
    }
    assert found["response"]["data"]["metadata"] == {"version": 3}


async def test_the_real_log(watching: httpx.AsyncClient, server: Server, people: People, fresh: str) -> None:
    admin, viewer = people["admin"], people["viewer"]
    path = f"environment/production/{fresh}"
    document = json.dumps({"value": "c4n4ry-raw", "pin": 8675309})
    await bao(server, people["developer"], "kv", "put", "-mount=status", path, "-", stdin=document)

    async def made() -> Any:
        return (await watching.get("audit", params={"secret": path}, headers=admin.headers)).json()["events"]

    event = (await until(made))[0]
    where, params = f"audit/{event['requestIds'][0]}", {"time": event["time"]}
    body = (await watching.get(where, params=params, headers=admin.headers)).json()
    assert [json.loads(one)["type"] for one in body["lines"]] == ["request", "response"]
    assert "hmac-sha256:" in body["lines"][0]
    assert not any(word in one for one in body["lines"] for word in ("c4n4ry-raw", "8675309"))
    assert (await watching.get(where, params=params, headers=viewer.headers)).status_code == 403
    nowhere = await watching.get(f"audit/{'0' * 8}-0000-0000-0000-{'0' * 12}", params=params, headers=admin.headers)
    assert nowhere.status_code == 404
    assert (await watching.get(where, params={"time": "soon"}, headers=admin.headers)).status_code == 400
