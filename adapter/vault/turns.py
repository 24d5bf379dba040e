"""Taking turns: one writer at a time for what the vault keeps as a whole list and knows no check-and-set for.

The turn is a KV v2 entry beside the scopes' own, taken and given back with check-and-set, so it holds between
processes and machines; only who may change scopes and grants can write there. A holder that died loses its turn
after `LEASE` seconds, measured by the clock of whoever waits.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from pydantic import SecretStr

from adapter.errors import Conflict, NotFound, StatusError
from adapter.model.address import Address
from adapter.vault.kv import KvStore
from adapter.vault.policies import SCOPES_FOLDER

TURN = Address(f"{SCOPES_FOLDER}/.turn")
LEASE = 20.0
PATIENCE = 25.0
"""Longer than a turn, and shorter than callers wait for an answer."""
HOLDER = "holder"


@asynccontextmanager
async def own_turn(store: KvStore, holder: str) -> AsyncIterator[None]:
    """Alone until the end of the block, however long. Raises NotAllowed, and Conflict when the turn does not come."""
    version = await _take(store, holder)
    ended = asyncio.Event()
    keeping = asyncio.create_task(_keep(store, holder, version, ended))
    try:
        yield
    finally:
        ended.set()
        version = await keeping
        with suppress(StatusError):  # else it ends with its lease
            await store.write(TURN, {HOLDER: SecretStr("")}, cas=version)


async def _keep(store: KvStore, holder: str, version: int, ended: asyncio.Event) -> int:
    """Say again and again that the turn is still ours, as who waits would else take it; answers the last version."""
    while True:
        try:
            async with asyncio.timeout(LEASE / 3):
                await ended.wait()
        except TimeoutError:
            with suppress(StatusError):  # it may have been taken from us: then giving it back fails too
                version = (await store.write(TURN, {HOLDER: SecretStr(holder)}, cas=version)).version
        else:
            return version


async def _take(store: KvStore, holder: str) -> int:
    """The number of the version that says that it is ours."""
    begun = time.monotonic()
    seen, since = -1, begun
    while True:
        version, other = await _now(store)
        now = time.monotonic()
        if version != seen:
            seen, since = version, now
        if not other or now - since > LEASE:
            with suppress(Conflict):
                return (await store.write(TURN, {HOLDER: SecretStr(holder)}, cas=version)).version
        if now - begun > PATIENCE:
            raise Conflict("Somebody else is changing scopes or grants.", hint="Try again shortly.")
        await asyncio.sleep(random.uniform(0.02, 0.08))  # noqa: S311  no secret: only that waiters do not march in step


async def _now(store: KvStore) -> tuple[int, str]:
    """The newest version, and whose turn it is; empty for nobody's."""
    try:
        version = (await store.metadata(TURN)).current_version
        fields = await store.read_version(TURN, version) if version else {}
    except NotFound:
        return 0, ""
    return version, fields[HOLDER].get_secret_value() if HOLDER in fields else ""
