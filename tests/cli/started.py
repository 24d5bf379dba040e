"""`status-secrets run` as a process, for the tests of it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable

from adapter.vault import Caller
from tests.support.server import Server

SCOPE = "environment/staging"
Run = Callable[..., "subprocess.Popen[str]"]


def put(server: Server, name: str, value: str) -> None:
    """A new version."""

    async def write() -> None:
        async with server.vault() as vault:
            body = {"data": {"value": value}}
            await vault.session(Caller(server.token)).send("POST", "status/data", SCOPE, name, body=body)

    asyncio.run(write())


def remove(server: Server, name: str) -> None:
    """The whole entry: others start commands with every secret of the scope."""

    async def delete() -> None:
        async with server.vault() as vault:
            await vault.session(Caller(server.token)).send("DELETE", "status/metadata", SCOPE, name)

    asyncio.run(delete())


def revoke_components(server: Server) -> None:
    """End every token of the AppRoles that tests made."""

    async def revoke() -> None:
        async with server.vault() as vault:
            root = vault.session(Caller(server.token))
            _, content = await root.send("LIST", "auth/token/accessors")
            for accessor in json.loads(content)["data"]["keys"]:
                _, content = await root.send("POST", "auth/token/lookup-accessor", body={"accessor": accessor})
                meta = json.loads(content)["data"]["meta"] or {}
                if meta.get("role_name", "").startswith("test-"):
                    await root.send("POST", "auth/token/revoke-accessor", body={"accessor": accessor})

    asyncio.run(revoke())


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, output and errors, once it has ended by itself."""
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def lines_of(process: subprocess.Popen[str]) -> Callable[[], str]:
    assert process.stdout is not None
    return process.stdout.readline


def python(code: str) -> list[str]:
    return ["--", sys.executable, "-c", code]
