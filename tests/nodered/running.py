"""A real Node-RED with the palette installed, driven through its admin API as the editor does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.bao import free_port
from tests.support.tools import need

PALETTE = Path(__file__).parents[2] / "adapter" / "node-red"
SETTINGS = """
module.exports = {
  uiHost: "127.0.0.1", uiPort: %d, userDir: %s, flowFile: "flows.json",
  credentialSecret: process.env.NODE_RED_CREDENTIAL_SECRET,
  contextStorage: { default: { module: "memory" }, file: { module: "localfilesystem", config: { flushInterval: 1 } } },
  logging: { console: { level: "info", metrics: false, audit: false } },
  telemetry: { enabled: false }, editorTheme: { tours: false }
}
"""
READY_WITHIN = 60.0


def node_and_red() -> tuple[str, Path]:
    """Node.js, and the program of Node-RED; without either the test is skipped."""
    node = need("node", why="Node-RED runs on it")
    program = PALETTE / "node_modules" / "node-red" / "red.js"
    if not program.exists():
        need("npm ci in adapter/node-red", why="make test does it where there is npm")
    return node, program


@dataclass
class NodeRed:
    """`prefix`: what it is started under, as `status-secrets run … --`."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    prefix: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder.parent / f"{self.folder.name}.log"

    def start(self) -> NodeRed:
        node, program = node_and_red()
        modules = self.folder / "node_modules"
        modules.mkdir(parents=True)
        (modules / "node-red-contrib-status-secrets").symlink_to(PALETTE)
        (self.folder / "package.json").write_text(
            json.dumps({"name": "test", "dependencies": {"node-red-contrib-status-secrets": "*"}})
        )
        settings = self.folder / "settings.js"
        settings.write_text(SETTINGS % (self.port, json.dumps(str(self.folder))))
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*self.prefix, node, str(program), "--settings", str(settings)],
                env=environment | self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def ready(self) -> NodeRed:
        assert self.process is not None
        deadline = time.monotonic() + READY_WITHIN
        while True:
            try:
                if self._starts() and httpx.get(f"{self.url}/flows", timeout=5).status_code == 200:
                    return self
            except httpx.TransportError:
                pass
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def deploy(self, flow: list[dict[str, Any]]) -> None:
        """As the editor's Deploy does."""
        headers = {"Node-RED-API-Version": "v1", "Node-RED-Deployment-Type": "full"}
        before = self._starts()
        answer = httpx.post(f"{self.url}/flows", json=flow, headers=headers, timeout=30)
        assert answer.status_code in (200, 204), answer.text
        deadline = time.monotonic() + 15
        while self._starts() == before:  # the deployment is answered before its nodes run
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def _starts(self) -> int:
        return self.log.read_text(errors="replace").count("Started flows")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)

    def written(self) -> str:
        """All that it wrote: flows, credentials, context, log."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and "node_modules" not in path.parts]
        return "\n".join(path.read_text(errors="replace") for path in [*files, self.log])


def wire(*nodes: dict[str, Any], tab: str) -> list[dict[str, Any]]:
    """Nodes one after the other on a tab of their own."""
    placed = []
    for at, node in enumerate(nodes):
        following = [[nodes[at + 1]["id"]]] if at + 1 < len(nodes) else []
        placed.append({"z": tab, "x": 100 + 150 * at, "y": 80, "wires": following, **node})
    return [{"id": tab, "type": "tab", "label": tab, "disabled": False, "info": ""}, *placed]
