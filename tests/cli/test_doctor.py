"""`status-secrets doctor` as an ADMIN runs it: what earlier acts left is found, mended, and found no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from pydantic import SecretStr

from adapter.errors import NotFound
from adapter.model.address import Address
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.support.server import People, Server

CANARY = "c4n4ry-d0ct0r"
LONG_AGO = "2026-01-02T03:04:05.000Z"


def run(server: Server, token: SecretStr | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]} | server.environment()
    if token is not None:
        environment["VAULT_TOKEN"] = token.get_secret_value()
    command = [sys.executable, "-m", "adapter.cli", "doctor", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def findings(ended: subprocess.CompletedProcess[str], name: str) -> list[dict[str, Any]]:
    """What `unfinished-acts` says of one test's secrets: the server is shared."""
    checks = {one["check"]: one for one in json.loads(ended.stdout)}
    assert checks["unfinished-acts"]["problem"] is None
    return [found for found in checks["unfinished-acts"]["findings"] if name in found["what"]]


async def leave_behind(server: Server, fresh: str) -> None:
    """A creation that ended before its value, and an update that ended before its record."""
    record = f'"by":"somebody","at":"{LONG_AGO}","op":"created"'
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(server.token)))
        begun = {"type": "password", "creating": "pending_1", "pending_1": f'{{"to":1,{record}}}'}
        await store.create_custom(Address(f"global/{fresh}-1"), begun)
        await store.write(Address(f"global/{fresh}-2"), {"value": SecretStr(CANARY)}, cas=0)
        await store.patch_custom(Address(f"global/{fresh}-2"), {"pending_2": f'{{"to":1,{record}}}'})


async def test_what_an_act_left_is_found_mended_and_found_no_more(server: Server, people: People, fresh: str) -> None:
    admin = people["admin"].token
    await leave_behind(server, fresh)
    shown = run(server, admin, "--json")
    assert shown.returncode == 2
    first, second = findings(shown, fresh)
    assert (first["repairable"], first["done"]) == (True, None)
    assert "creation" in first["what"]
    assert "change" in second["what"]
    mended = run(server, admin, "--json", "--repair")
    assert all(found["done"] for found in findings(mended, fresh))
    assert not findings(run(server, admin, "--json"), fresh)
    assert CANARY not in shown.stdout + mended.stdout
    async with server.vault() as vault:
        store = KvStore(vault.session(Caller(server.token)))
        assert list((await store.metadata(Address(f"global/{fresh}-2"))).custom) == []
        try:
            await store.metadata(Address(f"global/{fresh}-1"))
        except NotFound:
            return
    raise AssertionError("what the creation left is still there")


def test_who_is_no_admin_is_told_so(server: Server, people: People) -> None:
    ended = run(server, people["viewer"].token)
    assert ended.returncode == (3 if server.url.startswith("https:") else 2), "without TLS there is a finding, too"
    assert "? Acts that ended before their last step" in ended.stdout
    nobody = run(server, None)
    assert nobody.returncode == 3
    assert "bao login" in nobody.stderr
