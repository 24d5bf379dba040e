"""An adapter with a component, a Node-RED beside it, and a service that wants credentials."""

from __future__ import annotations

import signal
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import Dev
from tests.nodered.running import NodeRed


@dataclass
class Stack:
    """`status-secrets dev`, its people signed in, and one component's AppRole."""

    url: str
    ca: Path
    vault: str
    audit_log: Path
    client: httpx.Client
    tokens: dict[str, str] = field(repr=False)
    component: dict[str, str] = field(default_factory=dict, repr=False)

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        answer = self.client.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def create(self, name: str, value: str, **more: Any) -> None:
        self.call("developer", "POST", "secrets", {"name": name, "type": "PASSWORD", "value": value, **more})

    def add_component(self, name: str) -> dict[str, str]:
        """A component that may use production's secrets: its role id, and its secret id as it unwraps it."""
        made = self.call("admin", "POST", "components", {"name": name, "scopes": ["environment/production"]})
        headers = {"X-Vault-Token": made["wrappedSecretId"]}
        opened = self.client.post(f"{self.vault}/v1/sys/wrapping/unwrap", headers=headers)
        return {"roleId": made["roleId"], "secretId": opened.json()["data"]["secret_id"]}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    dev = Dev(tmp_path_factory.mktemp("node-red") / "data", ("--json",)).start()
    try:
        ready = dev.ready()
        verify = ssl.create_default_context(cafile=ready["ca"])
        with httpx.Client(base_url=f"{ready['adapter']}/api/v1", verify=verify, timeout=30) as client:
            tokens = {}
            for name, account in ready["accounts"].items():
                body = {"method": "userpass", "username": name, "password": account["password"]}
                tokens[name] = client.post("auth/login", json=body).json()["token"]
            one = Stack(
                f"{ready['adapter']}/api/v1", Path(ready["ca"]), ready["vault"], Path(ready["auditLog"]), client, tokens
            )
            one.component = one.add_component("node-red")
            yield one
    finally:
        dev.end(signal.SIGTERM)


@dataclass
class Service:
    """What a flow calls: it remembers the headers of each request."""

    url: str
    seen: list[dict[str, str]]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"evidence")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the request line may stand in a test's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Service(f"http://127.0.0.1:{server.server_port}", seen)
        server.shutdown()


@pytest.fixture(scope="module")
def node_red(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeRed]:
    one = NodeRed(tmp_path_factory.mktemp("red") / "user", {"NODE_RED_CREDENTIAL_SECRET": "kept by the test"})
    try:
        yield one.start().ready()
    finally:
        one.stop()
