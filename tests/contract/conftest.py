"""The adapter as a process of its own, beside STATUS: plain HTTP on loopback, the front end's origin allowed."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from adapter.provision.people import adapter_credentials
from tests.conftest import WANTED
from tests.support.bao import free_port
from tests.support.platform import KEY
from tests.support.server import People, Server

FRONT_END = "http://status.example:3000"
OTHER_SITE = "http://elsewhere.example"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class FrontEnd:
    """Sends what STATUS's axios client sends, byte for byte: the target as it is, the body as it is."""

    port: int

    def send(
        self, method: str, target: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"Accept": "application/json, text/plain, */*", "Origin": FRONT_END}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, target, body, sent | dict(headers or {}))
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, names, answer.read().decode())
        finally:
            connection.close()


async def _own_identity(server: Server) -> dict[str, str]:
    """What the adapter needs to take STATUS's own tokens: the platform's key, and an identity in the vault."""
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
    return {
        "STATUS_JWT_SECRET": KEY,
        "STATUS_ADAPTER_ROLE_ID": role_id,
        "STATUS_ADAPTER_SECRET_ID": secret_id.get_secret_value(),
    }


@pytest.fixture(scope="session")
def front_end(server: Server, people: People) -> Iterator[FrontEnd]:
    with serving(server) as page:
        yield page


@contextmanager
def serving(server: Server) -> Iterator[FrontEnd]:
    """`status-secrets serve` in front of that server, until the end of the block."""
    port = free_port()
    argv = [sys.executable, "-m", "adapter.cli", "serve", "--listen", f"127.0.0.1:{port}", "--no-tls"]
    environment = os.environ | server.environment() | {"STATUS_ALLOWED_ORIGINS": FRONT_END}
    environment |= asyncio.run(_own_identity(server))
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        page = FrontEnd(port)
        deadline = time.monotonic() + 20
        while True:
            try:
                assert page.send("GET", "/api/v1/health").status == 200
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield page
    finally:
        process.terminate()
        process.wait(timeout=20)
