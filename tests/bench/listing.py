"""`make bench`: how long the list of 2 000 secrets with 20 version records each takes, against the bare request.

Yardstick and measurement alternate in the same run; the figures to keep are the ratios.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from pydantic import SecretStr

from adapter.api.app import create_app
from adapter.model.address import Address, Scope
from adapter.provision import Wanted, apply
from adapter.settings import load_settings
from adapter.vault import Caller
from adapter.vault.kv import KvStore
from tests.support.bao import running_bao
from tests.support.server import Server

SECRETS, RECORDS, ROUNDS = 2000, 20, 7
SCOPE = "environment/production"


async def fill(store: KvStore) -> None:
    record = '{"by":"developer","at":"2026-11-23T09:12:00.000Z","why":"a reason of usual length","op":"updated"}'
    custom = {"type": "password", "description": "One of many"} | {f"v{n}": record for n in range(1, RECORDS + 1)}
    gate = asyncio.Semaphore(32)

    async def one(number: int) -> None:
        async with gate:
            address = Address(f"{SCOPE}/secret_{number:04}")
            await store.write(address, {"value": SecretStr("x")}, cas=0)
            await store.patch_custom(address, custom)

    await asyncio.gather(*map(one, range(SECRETS)))


async def timed(act: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await act()
    return time.perf_counter() - begun


async def measure(server: Server) -> None:
    async with server.vault() as vault:
        await apply(vault, server.token, Wanted(scopes=(Scope.parse(SCOPE),)))
        session = vault.session(Caller(server.token))
        store = KvStore(session)
        await fill(store)
        app = create_app(load_settings(vault_addr=server.url, vault_cacert=server.cacert))
        headers = {"X-Vault-Token": server.token.get_secret_value()}
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://adapter/api/v1") as api,
        ):

            async def raw() -> object:
                return await session.send("SCAN", "status", "detailed-metadata", SCOPE)

            async def listed() -> object:
                return await api.get(f"/secrets?scope={SCOPE}", headers=headers)

            async def walked() -> object:
                return await store._walk(SCOPE)

            times: dict[str, list[float]] = {"raw": [], "list": [], "walk": []}
            for _ in range(ROUNDS):
                for name, act in (("raw", raw), ("list", listed), ("walk", walked)):
                    times[name].append(await timed(act))
    middle = {name: statistics.median(values) for name, values in times.items()}
    print(f"{SECRETS} secrets with {RECORDS} records each, median of {ROUNDS}")
    print(f"  one bare SCAN of detailed-metadata  {middle['raw']:.2f} s  1.0")
    print(f"  GET /secrets                        {middle['list']:.2f} s  {middle['list'] / middle['raw']:.1f}")
    print(f"  without a bulk listing              {middle['walk']:.2f} s  {middle['walk'] / middle['raw']:.1f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, running_bao(Path(folder) / "data") as own:
        asyncio.run(measure(own))
