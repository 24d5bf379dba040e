"""`make bench`: how fast the audit log is read, how fast events are found, how soon one is seen.

    python -m tests.bench.audit [LINES [EVENTS]]

`LINES` of a log are read into an index; `EVENTS` fill another one that is searched by every filter of the screen; a
real server under load is followed live.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import httpx

from adapter.api.app import create_app
from adapter.audit.criteria import criteria_of
from adapter.audit.facts import Fact, Link, classify
from adapter.audit.indexer import Indexer
from adapter.audit.lines import decode_line
from adapter.audit.query import Search
from adapter.audit.storage import open_index
from adapter.audit.writer import Batch, IndexWriter
from adapter.client.in_process import InProcess
from adapter.model.address import Scope
from adapter.model.audit import EventFilter
from adapter.provision import Wanted, apply
from adapter.settings import load_settings
from tests.audit.reading import LAYOUT, vector_lines
from tests.support.bao import running_bao
from tests.support.server import Server

BATCH = 20_000
SEARCHES = 12
SEEN = 60

FILTERS: list[dict[str, str]] = [
    {},
    {"act": "used"},
    {"outcome": "denied"},
    {"actor": "person-7"},
    {"component": "component-3", "act": "used"},
    {"scope": "environment/production", "outcome": "denied"},
    {"actor": "person-7", "outcome": "failed", "client": "tui"},
    {"secret": "environment/staging/secret_17"},
    {"secret": "environment/staging/renamed_17"},
    {"secret": "-environment/staging/renamed_17"},
    {"address": "10.0.0.9", "from": "2026-10-03T00:00:00Z", "to": "2026-10-04T00:00:00Z"},
    {"from": "2026-10-02T12:00:00Z", "to": "2026-10-02T12:05:00Z"},
    {"to": "2026-10-02T00:00:00Z"},
    {"act": "-viewed"},
    {"act": "-used,-viewed", "client": "-tui", "address": "-10.0.0.9"},
    {"secret": "-environment/staging/secret_17", "to": "2026-10-20T00:00:00Z"},
    {"q": "rotation"},
    {"q": "secret_17 denied"},
    {"q": "ticket 4242"},
    {"q": "nowhere to be found"},
]


def log_lines(count: int) -> Iterator[bytes]:
    """Lines as a server writes them: mostly values read, metadata viewed, now and then a write."""
    pairs: dict[str, list[bytes]] = {}
    for line in vector_lines():
        pairs.setdefault(json.loads(line)["request"]["id"], []).append(line)
    whole = [(identity, *pair) for identity, pair in pairs.items() if len(pair) == 2]
    weights = [10.0 if b'"operation":"read"' in pair[1] else 1.0 for pair in whole]
    luck, moment = random.Random(1), datetime(2026, 10, 1, tzinfo=UTC)
    for identity, *pair in luck.choices(whole, weights, k=count // 2):
        request = json.loads(pair[0])["request"]
        old_name = request["path"].rpartition("/")[2] if "/production/" in request["path"] else ""
        mark = (request.get("headers") or {}).get("x-status-request", [""])[0]
        new, name = uuid.UUID(int=luck.getrandbits(128)), f"secret_{luck.randrange(500)}"
        moment += timedelta(microseconds=luck.randint(50, 60_000))
        for late, line in enumerate(pair):
            text = line.replace(identity.encode(), str(new).encode())
            if mark:
                text = text.replace(mark.encode(), new.hex.encode())
            if old_name:
                text = text.replace(old_name.encode(), name.encode())
            stamp = (moment + timedelta(microseconds=400 * late)).isoformat(timespec="microseconds")[:26]
            yield b'{"time":"' + stamp.encode() + b'123Z"' + text[text.index(b'","type"') + 1 :]


def read(folder: Path, count: int) -> None:
    log = folder / "audit.log"
    with log.open("wb") as file:
        for line in log_lines(count):
            file.write(line + b"\n")
    writer = IndexWriter(folder / "index.db", LAYOUT)
    begun, cpu = time.perf_counter(), time.process_time()
    lines = Indexer([log], writer, LAYOUT).step()
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    connection = open_index(folder / "index.db")
    events = connection.execute("SELECT count(*) FROM events").fetchone()[0]
    print(
        f"{lines} lines ({log.stat().st_size / 1e6:.0f} MB): {lines / took:.0f} lines/s, {lines / cpu:.0f} of CPU time"
    )
    alone = parsing(log)
    print(f"  parsing alone, with msgspec: {alone:.0f} of CPU time; all of it {lines / cpu / alone:.2f} times as many")
    print(f"  {events} events, {writer.size() / events:.0f} bytes each")
    writer.close()
    connection.close()


def parsing(log: Path) -> float:
    """The yardstick: lines a second of CPU time, decoded one by one and thrown away."""
    lines = log.read_bytes().splitlines()
    begun = time.process_time()
    for line in lines:
        decode_line(line)
    return len(lines) / (time.process_time() - begun)


def facts(count: int) -> Iterator[Fact]:
    """Events of five hundred people, components and secrets over a month."""
    used = next(
        fact
        for line in vector_lines()
        if b'"type":"response"' in line and (fact := classify(decode_line(line), LAYOUT)[0]) and fact.act == "used"
    )
    luck, time_ns = random.Random(2), int(datetime(2026, 10, 1, tzinfo=UTC).timestamp()) * 10**9
    step = 30 * 86_400 * 10**9 // count
    scopes = ("environment/production", "environment/staging", "global", "service/billing")
    for number in range(count):
        identity = luck.getrandbits(128).to_bytes(16, "big")
        scope = luck.choice(scopes)
        component = f"component-{luck.randrange(20)}" if luck.random() < 0.6 else ""
        time_ns += luck.randrange(2 * step)
        yield Fact(
            identity, time_ns, luck.choices(("used", "viewed", "updated", "signed_in"), (60, 25, 5, 10))[0],
            luck.choices(("done", "denied", "failed"), (96, 3, 1))[0], component or f"person-{luck.randrange(80)}",
            "component" if component else "person", used.entity, used.role,
            f"{scope}/secret_{luck.randrange(125)}", scope, luck.randrange(1, 20),
            f"rotation of ticket {luck.randrange(20_000)}" if number % 5 == 0 else "", component,
            luck.choice(("tui", "api", "cli/other")), f"10.0.0.{luck.randrange(60)}", (),
            int.from_bytes(identity[:8], "big", signed=True),
        )  # fmt: skip


def renames() -> Batch:
    """In the middle of the month each secret of a scope is renamed, and another one takes its name."""
    batch, middle = Batch(), int(datetime(2026, 10, 16, tzinfo=UTC).timestamp()) * 10**9
    for number in range(125):
        old, new = (f"environment/staging/{word}_{number}" for word in ("secret", "renamed"))
        batch.links.append(Link((number + 1,), middle, "renamed", old, "", "person-1", "", None, "", new))
        gone = Fact(
            number.to_bytes(16, "big"), middle + number, "deleted", "done", "person-1", "person", "", "", old,
            "environment/staging", 0, "", "", "api", "10.0.0.1", (), number, number + 1, True,
        )  # fmt: skip
        batch.facts.append(gone)
    return batch


def find(folder: Path, count: int) -> None:
    writer = IndexWriter(folder / "many.db", LAYOUT)
    stream = facts(count)
    while some := list(islice(stream, BATCH)):
        writer.add(Batch(facts=some))
    writer.add(renames())
    print(f"{count} events, {writer.size() / count:.0f} bytes each; a page of 100 and the count of all:")
    writer.close()
    connection = open_index(folder / "many.db")
    every: list[float] = []
    now = datetime(2026, 11, 1, tzinfo=UTC)
    for given, scopes in [*((given, None) for given in FILTERS), *((given, ["global"]) for given in FILTERS[:3])]:
        wanted = criteria_of(EventFilter.model_validate(given | {"limit": 100}), now, scopes)
        times = []
        for _ in range(SEARCHES):
            begun = time.perf_counter()
            found = Search(connection, wanted).page()
            times.append((time.perf_counter() - begun) * 1000)
        every += times
        words = " ".join(f"{name}:{value}" for name, value in given.items()) or "everything"
        words += f" (may view {', '.join(scopes)})" if scopes else ""
        print(f"  {statistics.median(times):6.1f} ms  {found.total:9}  {words}")
    print(f"  95th percentile of all: {statistics.quantiles(every, n=20)[-1]:.1f} ms")


async def follow(server: Server, folder: Path) -> None:
    """From the answer to a request until its event is there, while others keep the server busy."""
    async with server.vault() as vault:
        await apply(vault, server.token, Wanted(scopes=(Scope.parse("global"),)))
    assert server.audit_log is not None
    settings = load_settings(
        vault_addr=server.url, vault_cacert=server.cacert, audit_log=(server.audit_log,), audit_index=folder / "live.db"
    )
    app = create_app(settings)
    headers = {"X-Vault-Token": server.token.get_secret_value()}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=InProcess(app), base_url="http://adapter/api/v1", headers=headers) as api,
    ):
        body = {"name": "seen", "type": "PASSWORD", "value": "x", "scope": "global"}
        assert (await api.post("/secrets", json=body)).status_code == 201
        await asyncio.sleep(1)
        answered: dict[str, float] = {}
        delays: list[float] = []
        busy = [asyncio.create_task(_load(api)) for _ in range(4)]
        async with api.stream("GET", "/audit/stream", params={"q": "seen-", "act": "used"}, timeout=60) as stream:
            acting = asyncio.create_task(_use(api, answered))
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    reason = json.loads(line[6:])["reason"]
                    delays.append((time.perf_counter() - answered.get(reason, time.perf_counter())) * 1000)
                    if len(delays) == SEEN:
                        break
            await acting
        for task in busy:
            task.cancel()
    ordered = sorted(delays)
    print(f"live, {SEEN} uses under load: seen {ordered[SEEN // 2]:.0f} ms after (median), {ordered[-4]:.0f} ms (95th)")


async def _use(api: httpx.AsyncClient, answered: dict[str, float]) -> None:
    for number in range(SEEN):
        reason = f"seen-{number}"
        await api.post("/secrets/global~seen/value", json={"reason": reason})
        answered[reason] = time.perf_counter()
        await asyncio.sleep(0.05)


async def _load(api: httpx.AsyncClient) -> None:
    while True:
        await api.post("/secrets/global~seen/value", json={"reason": "load"})


def main() -> None:
    lines, events = (int(text) for text in (sys.argv[1:] + ["200000", "500000"][len(sys.argv) - 1 :])[:2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        read(folder, lines)
        find(folder, events)
        with running_bao(folder / "data") as own:
            asyncio.run(follow(own, folder))


if __name__ == "__main__":
    main()
