"""Flows that get their secrets from STATUS: by the palette, from the environment, with the hydrated call."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import httpx
import pytest

from tests.cli.conftest import COMMAND
from tests.nodered.conftest import Service, Stack
from tests.nodered.running import PALETTE, NodeRed, node_and_red, wire
from tests.support.tools import need

PRODUCTION = "secret://environment/production/"

CALL_SERVICE = (
    "msg.headers = {authorization: 'Bearer ' + msg.secrets.%s}; msg.url = '%s'; delete msg.payload; return msg"
)
"""A function node that makes the header in the last node that needs it."""


def source(stack: Stack, **credentials: str) -> dict[str, Any]:
    return {
        "id": "source",
        "type": "status-secrets-config",
        "url": stack.url,
        "ca": str(stack.ca),
        "credentials": credentials or stack.component,
    }


def secrets_node(*names: str, **more: Any) -> dict[str, Any]:
    wanted = [{"reference": PRODUCTION + name, "property": ""} for name in names]
    return {"id": "secrets", "type": "status-secrets", "name": "nightly", "source": "source", "secrets": wanted, **more}


def served(path: str) -> dict[str, Any]:
    return {"id": f"in{path}", "type": "http in", "url": path, "method": "post"}


def caught(tab: str) -> list[dict[str, Any]]:
    """What a flow does with its errors: a 502 with the message."""
    function = {
        "id": "say",
        "type": "function",
        "func": "msg.payload = msg.error.message; msg.statusCode = 502; return msg",
    }
    nodes = [{"id": "catch", "type": "catch", "scope": None}, function, {"id": "failed", "type": "http response"}]
    return wire(*nodes, tab=tab)[1:]


async def test_the_units_of_the_palette() -> None:
    node, _ = node_and_red()
    done = subprocess.run([node, "--test"], cwd=PALETTE, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "# fail 0" in done.stdout


async def test_a_flow_gets_secrets_and_shows_none(stack: Stack, node_red: NodeRed, service: Service) -> None:
    canary, name = f"canary-{secrets.token_hex(8)}", f"t{secrets.token_hex(4)}"
    stack.create(name, canary)
    use = {"id": "use", "type": "function", "func": CALL_SERVICE % (name, service.url)}
    keep = "flow.set('kept', msg.secrets); flow.set('filed', msg.secrets, 'file'); return msg"
    debug = {"id": "debug", "type": "debug", "complete": "true", "console": "true", "tosidebar": True, "active": True}
    flow = wire(
        served("/run"),
        secrets_node(name),
        {"id": "keep", "type": "function", "func": keep},
        use,
        {"id": "fetch", "type": "http request", "method": "GET", "ret": "txt"},
        {"id": "out", "type": "http response"},
        tab="palette",
    )
    next(node for node in flow if node["id"] == "keep")["wires"] = [["use", "debug"]]
    node_red.deploy(
        [*flow, {**debug, "z": "palette", "x": 700, "y": 200, "wires": []}, *caught("palette"), source(stack)]
    )
    shown, answer = await _watched(node_red, "/run")
    assert (answer.status_code, answer.text) == (200, "evidence")
    assert service.seen[-1]["authorization"] == f"Bearer {canary}"
    assert "********" in shown
    context = httpx.get(f"{node_red.url}/context/flow/palette").text
    exported = httpx.get(f"{node_red.url}/flows").text
    await asyncio.sleep(1.5)  # file-backed context is written a second later
    for text in (shown, context, exported, node_red.written()):
        assert canary not in text
        assert stack.component["secretId"] not in text
    assert "********" in context
    assert "********" in node_red.written()


async def _watched(node_red: NodeRed, path: str) -> tuple[str, httpx.Response]:
    """All that the editor's debug panel and status lights are sent while the flow runs, and the flow's answer."""
    parts: list[str] = []
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{node_red.url}/comms") as socket:
        await socket.send_json({"subscribe": "#"})
        await socket.send_json({"subscribe": "debug"})
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.post(node_red.url + path)
        try:
            async with asyncio.timeout(1.0):
                async for message in socket:
                    parts.append(str(message.data))
        except TimeoutError:
            pass
    return "\n".join(parts), answer


def test_the_drop_down_offers_what_the_component_may_use(stack: Stack, node_red: NodeRed) -> None:
    name = f"t{secrets.token_hex(4)}"
    canary = f"canary-{secrets.token_hex(8)}"
    stack.create(name, canary, description="for the list")
    stack.create(name, canary, scope="environment/staging")
    node_red.deploy([source(stack)])
    answer = httpx.get(f"{node_red.url}/status-secrets/source/references")
    offered = {one["reference"]: one for one in answer.json()}
    assert offered[PRODUCTION + name] == {
        "reference": PRODUCTION + name,
        "type": "PASSWORD",
        "description": "for the list",
    }
    assert f"secret://environment/staging/{name}" not in offered
    assert canary not in answer.text


def test_a_kept_value_is_replaced_when_there_is_a_new_version(
    stack: Stack, node_red: NodeRed, service: Service
) -> None:
    name = f"t{secrets.token_hex(4)}"
    stack.create(name, "first")
    use = {"id": "use", "type": "function", "func": CALL_SERVICE % (name, service.url)}
    fetch = {"id": "fetch", "type": "http request", "method": "GET", "ret": "txt"}
    flow = wire(
        served("/kept"), secrets_node(name, keep=True), use, fetch, {"id": "out", "type": "http response"}, tab="kept"
    )
    node_red.deploy([*flow, *caught("kept"), source(stack)])

    def sent() -> str:
        httpx.post(f"{node_red.url}/kept", timeout=30)
        return service.seen[-1]["authorization"]

    def reads() -> int:
        return stack.audit_log.read_text().count(f"status/data/environment/production/{name}")

    def is_kept() -> bool:
        before = reads()
        return sent() == "Bearer first" and reads() == before

    assert _until(is_kept), "once the events are there, a message costs the vault no request"
    stack.call("developer", "POST", f"secrets/environment~production~{name}/versions", {"value": "second"})
    assert _until(lambda: sent() == "Bearer second")


def _until(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_what_cannot_be_had_stops_the_message(stack: Stack, node_red: NodeRed) -> None:
    name = f"t{secrets.token_hex(4)}"
    stack.create(name, "there")
    flow = wire(served("/some"), secrets_node(name, "missing"), {"id": "out", "type": "http response"}, tab="some")
    node_red.deploy([*flow, *caught("some"), source(stack)])
    answer = httpx.post(f"{node_red.url}/some", timeout=30)
    assert answer.status_code == 502
    assert PRODUCTION + "missing" in answer.text
    assert "There is no such secret" in answer.text


async def test_a_revoked_component_fails_with_a_clear_status(stack: Stack, node_red: NodeRed) -> None:
    name, component = f"t{secrets.token_hex(4)}", f"c{secrets.token_hex(4)}"
    stack.create(name, "there")
    credentials = stack.add_component(component)
    flow = wire(served("/revoked"), secrets_node(name), {"id": "out", "type": "http response"}, tab="revoked")
    node_red.deploy([*flow, *caught("revoked"), source(stack, **credentials)])
    assert (await _watched(node_red, "/revoked"))[1].status_code == 200
    stack.call("admin", "DELETE", f"components/{component}")
    shown, answer = await _watched(node_red, "/revoked")
    assert answer.status_code == 502
    assert answer.text
    assert '"fill":"red"' in shown


async def test_an_adapter_that_is_away_is_seen_before_a_message_comes(stack: Stack, node_red: NodeRed) -> None:
    flow = wire(served("/away"), secrets_node("any", announce=True), {"id": "out", "type": "http response"}, tab="away")
    node_red.deploy([*flow, *caught("away"), {**source(stack), "url": "https://127.0.0.1:1/api/v1"}])
    await asyncio.sleep(0.5)
    shown, answer = await _watched(node_red, "/away")
    assert (answer.status_code, "does not answer" in answer.text) == (502, True)
    assert "new versions: Unreachable" in shown


def test_values_from_the_environment(stack: Stack, service: Service, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`status-secrets run`: `${NAME}` in a node's own configuration, and the credentials file's key."""
    canary, key, name = f"canary-{secrets.token_hex(8)}", f"key-{secrets.token_hex(8)}", f"t{secrets.token_hex(4)}"
    stack.create(name, canary)
    stack.create(f"{name}_key", key)
    wanted = {"SERVICE_TOKEN": name, "NODE_RED_CREDENTIAL_SECRET": f"{name}_key"}
    options = [part for variable, one in wanted.items() for part in ("--env", f"{variable}={PRODUCTION}{one}")]
    environment = {
        "STATUS_ADAPTER_URL": stack.url.removesuffix("/api/v1"),
        "STATUS_ADAPTER_CACERT": str(stack.ca),
        "STATUS_ROLE_ID": stack.component["roleId"],
        "STATUS_SECRET_ID": stack.component["secretId"],
        "PYTHONPATH": ":".join(path for path in sys.path if path),
    }
    folder = tmp_path_factory.mktemp("run") / "user"
    node_red = NodeRed(folder, environment, [*COMMAND, "run", *options, "--"])
    try:
        node_red.start().ready()
        header = {"keyType": "other", "keyValue": "x-token", "valueType": "other", "valueValue": "${SERVICE_TOKEN}"}
        fetch = {"id": "fetch", "type": "http request", "method": "GET", "url": service.url, "headers": [header]}
        basic = {"id": "basic", "type": "http request", "credentials": {"user": "u", "password": "typed in the editor"}}
        flow = wire(served("/env"), fetch, {"id": "out", "type": "http response"}, tab="env")
        node_red.deploy([*flow, {**basic, "z": "env", "x": 700, "y": 200, "wires": []}])
        assert httpx.post(f"{node_red.url}/env", timeout=30).status_code == 200
        assert service.seen[-1]["x-token"] == canary
        kept = json.loads((folder / "flows_cred.json").read_text())
        assert set(kept) == {"$"}, "the credentials are encrypted"
        for text in (canary, key):
            assert text not in node_red.written()
    finally:
        node_red.stop()
    assert _reads_credentials(folder, key) == {"basic": {"user": "u", "password": "typed in the editor"}}


def _reads_credentials(folder: Any, key: str) -> Any:
    """Node-RED's own form: AES-256-CTR under the SHA-256 of `credentialSecret`, its nonce before it."""
    script = """
      const crypto = require('crypto'), fs = require('fs')
      const text = JSON.parse(fs.readFileSync(process.argv[1])).$
      const key = crypto.createHash('sha256').update(fs.readFileSync(0)).digest()
      const cipher = crypto.createDecipheriv('aes-256-ctr', key, Buffer.from(text.slice(0, 32), 'hex'))
      process.stdout.write(cipher.update(text.slice(32), 'base64', 'utf8') + cipher.final('utf8'))
    """
    done = subprocess.run(
        [need("node"), "-e", script, str(folder / "flows_cred.json")],
        input=key,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return json.loads(done.stdout)


def test_hydrated_params_arrive_with_the_call(stack: Stack, node_red: NodeRed, service: Service) -> None:
    canary, name = f"canary-{secrets.token_hex(8)}", f"t{secrets.token_hex(4)}"
    stack.create(name, canary)
    control = {"id": 7, "params": {"url": service.url, "secretRefs": [{"name": name, "as": "token"}]}}
    read = "msg.url = msg.req.body.url; msg.headers = {authorization: 'Bearer ' + msg.req.body.token}; return msg"
    flow = wire(
        served("/mashup"),
        {"id": "read", "type": "function", "func": read},
        {"id": "fetch", "type": "http request", "method": "GET", "ret": "txt"},
        {"id": "out", "type": "http response"},
        tab="mashup",
    )
    node_red.deploy([*flow, *caught("mashup")])
    [hydrated] = stack.call("admin", "POST", "hydrate", {"controls": [control]})["controls"]
    answer = httpx.post(f"{node_red.url}/mashup", json=hydrated["params"], timeout=30)
    assert (answer.status_code, answer.text) == (200, "evidence")
    assert service.seen[-1]["authorization"] == f"Bearer {canary}"
    assert canary not in node_red.written()
