"""`make bench`: values through the adapter against the yardsticks that the same machine gives.

- one value: `POST /secrets/{id}/value` against the same read through `bao proxy`, in front of the same server,
  with the same headers for the vault's log;
- 100 references in one `/resolve` against 100 direct reads by a bare client over 16 connections;
- `status-secrets run -- true` with 10 secrets against one `bao kv get`.

Yardstick and measurement alternate in one run; the figures to keep are the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from adapter.model.address import Scope
from adapter.provision import Wanted, apply
from adapter.vault import Caller
from tests.bench.load import Measured, http, load
from tests.support.bao import free_port, running_bao
from tests.support.component import AppRole, app_role
from tests.support.server import Server, component
from tests.support.serving import serving

SCOPE = "environment/production"
REFS = 100
CONNECTIONS = 16

SLICES = 12
"""Into how many slices a round is cut, so that both sides get the same share of what else the machine does."""


def bao() -> str:
    """The server's binary, which is the proxy and the command as well."""
    beside = Path(sys.executable).with_name("bao")
    return str(beside) if beside.exists() else shutil.which("bao") or "bao"


@contextmanager
def proxy(server: Server, folder: Path) -> Iterator[int]:
    """`bao proxy` without a cache in front of the server; its port."""
    port = free_port()
    config = folder / "proxy.hcl"
    config.write_text(
        f'vault {{\n  address = "{server.url}"\n  ca_cert = "{server.cacert}"\n}}\n'
        f'listener "tcp" {{\n  address = "127.0.0.1:{port}"\n  tls_disable = true\n}}\n'
        "api_proxy {\n}\n"
    )
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([bao(), "proxy", f"-config={config}"], stdout=quiet, stderr=quiet)
    try:
        _until_open(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _until_open(port: int) -> None:
    import socket

    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


async def prepare(server: Server) -> tuple[str, AppRole]:
    """The secrets; a token and an AppRole that may use them."""
    async with server.vault() as vault:
        await apply(vault, server.token, Wanted(scopes=(Scope.parse(SCOPE),)))
        root = vault.session(Caller(server.token))
        for number in range(REFS):
            body = {"data": {"value": f"value-{number}-" + "x" * 24}}
            await root.send("POST", "status/data", SCOPE, f"secret_{number}", body=body)
            custom = {"type": "password", "description": "One of many", "v1": '{"by":"a","at":"b","op":"created"}'}
            await root.send("POST", "status/metadata", SCOPE, f"secret_{number}", body={"custom_metadata": custom})
    user = await component(server, SCOPE)
    return user.token.get_secret_value(), await app_role(server, SCOPE)


def values(server: Server, adapter: int, proxied: int, token: str, rounds: int, seconds: float) -> None:
    """One value at a time."""
    headers = {"X-Vault-Request": "true", "X-Status-Client": "api", "X-Status-Request": "0" * 32}
    read = http("GET", f"/v1/status/data/{SCOPE}/secret_1", token, headers=headers)
    value = http("POST", "/api/v1/secrets/environment~production~secret_1/value", token, b"{}")

    def measure(port: int, request: bytes, connections: int) -> Measured:
        return asyncio.run(load("127.0.0.1", port, request, connections=connections, seconds=seconds / SLICES))

    for connections in (CONNECTIONS, 1):
        found: dict[str, list[Measured]] = {"proxy": [], "adapter": []}
        for _ in range(rounds * SLICES):
            found["proxy"].append(measure(proxied, read, connections))
            found["adapter"].append(measure(adapter, value, connections))
        rate = {name: statistics.median(one.per_second for one in many) for name, many in found.items()}
        middle = {name: statistics.median(one.median for one in many) for name, many in found.items()}
        print(f"one value, {connections} connection{'s' if connections > 1 else ''}")
        for name in found:
            print(f"  {name:<8} {rate[name]:7.0f}/s   median {middle[name] * 1000:.2f} ms")
        print(f"  adapter/proxy: {rate['adapter'] / rate['proxy']:.2f} times as many a second", end="")
        print(f", {middle['adapter'] / middle['proxy']:.2f} times the time")


def many(server: Server, adapter: int, token: str, rounds: int) -> None:
    """100 references at once against 100 direct reads."""
    refs = [f"secret://{SCOPE}/secret_{number}" for number in range(REFS)]
    body = json.dumps({"refs": refs}).encode()
    request = http("POST", "/api/v1/resolve", token, body)
    times: dict[str, list[float]] = {"direct": [], "resolve": []}

    async def go() -> None:
        for _ in range(rounds):
            times["direct"].append(await direct(server, token))
            one = await load("127.0.0.1", adapter, request, connections=1, seconds=0)
            times["resolve"].append(one.median)

    asyncio.run(go())
    middle = {name: statistics.median(found) for name, found in times.items()}
    print(f"{REFS} references")
    print(f"  direct reads, {CONNECTIONS} connections  {middle['direct'] * 1000:6.1f} ms")
    print(
        f"  one /resolve                 {middle['resolve'] * 1000:6.1f} ms  {middle['resolve'] / middle['direct']:.2f}"
    )


async def direct(server: Server, token: str) -> float:
    """Seconds for 100 reads by a bare client over connections that are open already."""
    import aiohttp

    from adapter.vault import Connection

    context = Connection(server.url, cacert=server.cacert).ssl_context()
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=context)
    async with aiohttp.ClientSession(connector=connector, headers={"X-Vault-Token": token}) as session:

        async def read(number: int) -> bytes:
            async with session.get(f"{server.url}/v1/status/data/{SCOPE}/secret_{number}") as answer:
                assert answer.status == 200
                return await answer.read()

        await asyncio.gather(*map(read, range(CONNECTIONS)))
        begun = time.perf_counter()
        await asyncio.gather(*map(read, range(REFS)))
        return time.perf_counter() - begun


def commands(server: Server, token: str, role: AppRole, rounds: int) -> None:
    """Whole processes."""
    clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | server.environment()
    pairs = [item for number in range(10) for item in ("--env", f"S{number}=secret://{SCOPE}/secret_{number}")]
    script = str(Path(sys.executable).with_name("status-secrets"))
    acts: dict[str, Callable[[], object]] = {
        "bao kv get": lambda: _process(
            [bao(), "kv", "get", "-mount=status", f"{SCOPE}/secret_1"], clean | {"VAULT_TOKEN": token}
        ),
        "run, token": lambda: _process([script, "run", *pairs, "--", "true"], clean | {"VAULT_TOKEN": token}),
        "run, AppRole": lambda: _process([script, "run", *pairs, "--", "true"], clean | role.environment()),
    }
    times: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            begun = time.perf_counter()
            act()
            times[name].append(time.perf_counter() - begun)
    middle = {name: statistics.median(found) for name, found in times.items()}
    print("status-secrets run -- true, with 10 secrets")
    for name in acts:
        print(f"  {name:<12} {middle[name] * 1000:6.0f} ms  {middle[name] / middle['bao kv get']:.2f}")


def _process(argv: list[str], environment: dict[str, str]) -> None:
    subprocess.run(argv, env=environment, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("only", nargs="*", default=["values", "many", "commands"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_bao(Path(folder) / "data") as server:
        token, role = asyncio.run(prepare(server))
        with proxy(server, Path(folder)) as proxied, serving(server) as url:
            port = urlsplit(url).port or 0
            if "values" in given.only:
                values(server, port, proxied, token, given.rounds, given.seconds)
            if "many" in given.only:
                many(server, port, token, given.rounds * 8)
        if "commands" in given.only:
            commands(server, token, role, given.rounds * 4)


if __name__ == "__main__":
    main()
