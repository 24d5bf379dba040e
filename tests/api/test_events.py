"""New versions told as they come: over real HTTP, since a stream is only one there; on the real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.client import AsyncClient
from adapter.errors import NotAllowed, NotSignedIn
from adapter.model.address import Address
from adapter.model.audit import EventFilter
from adapter.model.wire import SecretCreate, SecretPatch
from adapter.service.sightings import Change, Seen, changes, nanoseconds
from adapter.vault import Caller
from tests.support.server import People, Person, Server, component
from tests.support.serving import serving

PLACE = "environment/development"
Told = tuple[str, dict[str, object]]


@pytest.fixture(scope="module")
def url(server: Server, people: People) -> Iterator[str]:
    with serving(server, STATUS_EVENTS_INTERVAL="0.3") as address:
        yield address


class Listening:
    """A stream that is read in the background."""

    def __init__(self, answer: httpx.Response) -> None:
        self._told: asyncio.Queue[Told | None] = asyncio.Queue()
        self.last_id = ""
        self._task = asyncio.create_task(self._read(answer))

    async def _read(self, answer: httpx.Response) -> None:
        kind = ""
        with suppress(httpx.HTTPError):
            async for line in answer.aiter_lines():
                name, _, text = line.partition(": ")
                if name == "id":
                    self.last_id = text
                elif name == "event":
                    kind = text
                elif name == "data":
                    self._told.put_nowait((kind, json.loads(text)))
        self._told.put_nowait(None)

    async def next(self, seconds: float = 10.0) -> Told | None:
        async with asyncio.timeout(seconds):
            return await self._told.get()

    async def begun(self) -> None:
        async with asyncio.timeout(10):
            while not self.last_id:
                await asyncio.sleep(0.01)

    async def quiet(self, seconds: float = 0.8) -> bool:
        with suppress(TimeoutError):
            return await self.next(seconds) is None
        return True


@asynccontextmanager
async def listening(url: str, who: Person, query: str = f"?scope={PLACE}", after: str = "") -> AsyncIterator[Listening]:
    headers = who.headers | ({"Last-Event-ID": after} if after else {})
    async with (
        httpx.AsyncClient(timeout=30) as http,
        http.stream("GET", f"{url}/events{query}", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Listening(answer)


@pytest.fixture
async def developer(url: str, people: People) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(url) as client:
        client.use(people["developer"].token)
        yield client


def new(name: str, value: str = "c4n4ry") -> SecretCreate:
    return SecretCreate(name=name, type="PASSWORD", value=value, scope=PLACE)


async def straight(server: Server, *segments: str, method: str = "POST", body: object = None) -> None:
    async with server.vault() as vault:
        await vault.session(Caller(server.token)).send(method, *segments, body=body)


async def test_versions_and_removals_are_told(url: str, server: Server, developer: AsyncClient, fresh: str) -> None:
    user = await component(server, PLACE)
    async with listening(url, user) as stream:
        await stream.begun()
        made = await developer.create(new(fresh))
        assert await stream.next() == ("version", {"id": made.id, "version": 1})
        await developer.edit(made.id, SecretPatch(value="c4n4ry-2"))
        assert await stream.next() == ("version", {"id": made.id, "version": 2})
        await developer.edit(made.id, SecretPatch(description="no new version"))
        await straight(server, "status/data", PLACE, fresh, body={"data": {"value": "by hand"}})
        assert await stream.next() == ("version", {"id": made.id, "version": 3})
        await developer.delete_version(made.id, 3)
        assert await stream.next() == ("deleted", {"id": made.id, "version": 3})
        await developer.undelete_version(made.id, 3)
        assert await stream.next() == ("version", {"id": made.id, "version": 3})
        await straight(server, "status/metadata", PLACE, fresh, method="DELETE")
        assert await stream.next() == ("deleted", {"id": made.id, "version": 3})
        assert await stream.quiet()


async def test_what_others_do_is_told_as_soon_as_the_log_has_it(
    server: Server, people: People, developer: AsyncClient, fresh: str, tmp_path: Path
) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    log = {"STATUS_AUDIT_LOG": str(server.audit_log), "STATUS_AUDIT_INDEX": str(tmp_path / "index.db")}
    made = await developer.create(new(fresh))
    with serving(server, STATUS_EVENTS_INTERVAL="3600", **log) as url:
        async with listening(url, people["viewer"]) as stream, AsyncClient(url) as here:
            await stream.begun()
            here.use(people["admin"].token)
            async with asyncio.timeout(20):
                while (await here.events(EventFilter(secret=made.id))).reading.behind_bytes:
                    await asyncio.sleep(0.1)
            await asyncio.sleep(1)  # until the index is watched
            await straight(server, "status/data", PLACE, fresh, body={"data": {"value": "by hand"}})
            assert await stream.next(seconds=5) == ("version", {"id": made.id, "version": 2})
            await developer.edit(made.id, SecretPatch(value="c4n4ry-3"))
            assert await stream.next(seconds=5) == ("version", {"id": made.id, "version": 3})
            await straight(server, "status/delete", PLACE, fresh, body={"versions": [3]})
            assert await stream.next(seconds=5) == ("deleted", {"id": made.id, "version": 3})
            await straight(server, "status/metadata", PLACE, fresh, method="DELETE")
            assert await stream.next(seconds=5) == ("deleted", {"id": made.id, "version": 3})


async def test_on_a_server_without_a_bulk_listing(
    server: Server, people: People, developer: AsyncClient, fresh: str
) -> None:
    with serving(server, STATUS_EVENTS_INTERVAL="0.3", STATUS_SERVER_KIND="vault") as url:
        async with listening(url, people["viewer"]) as stream:
            await stream.begun()
            made = await developer.create(new(fresh))  # by way of another adapter
            assert await stream.next() == ("version", {"id": made.id, "version": 1})


async def test_a_rename_is_told_as_one(
    url: str, server: Server, developer: AsyncClient, people: People, fresh: str
) -> None:
    made = await developer.create(new(fresh))
    async with AsyncClient(url) as admin:
        admin.use(people["admin"].token)
        async with listening(url, people["viewer"]) as stream:
            await stream.begun()
            renamed = await admin.edit(made.id, SecretPatch(name=f"{fresh}-new"))
            assert await stream.next() == ("moved", {"id": made.id, "version": 1, "to": renamed.id})
            assert await stream.quiet()


async def test_it_resumes_where_it_was(
    url: str, server: Server, developer: AsyncClient, people: People, fresh: str
) -> None:
    viewer = people["viewer"]
    async with listening(url, viewer) as stream:
        await stream.begun()
        last = stream.last_id
    first, second = await developer.create(new(fresh)), await developer.create(new(f"{fresh}-2"))
    await developer.edit(first.id, SecretPatch(value="c4n4ry-2"))
    async with listening(url, viewer, after=last) as stream:
        assert await stream.next() == ("version", {"id": second.id, "version": 1})
        assert await stream.next() == ("version", {"id": first.id, "version": 2})
        last = stream.last_id
    async with listening(url, viewer, after=last) as stream:
        assert await stream.quiet()


async def test_only_what_one_may_view(
    url: str, server: Server, developer: AsyncClient, people: People, fresh: str
) -> None:
    stranger = await component(server, "environment/production")
    async with listening(url, stranger, "") as stream:
        await stream.begun()
        await developer.create(new(fresh))
        assert await stream.quiet()
    async with httpx.AsyncClient() as http:
        for headers, query, status in (
            ({}, "", 401),
            ({"X-Vault-Token": "s.wrong"}, "", 401),
            (stranger.headers, f"?scope={PLACE}", 403),
            (stranger.headers, "?scope=nowhere", 400),
            (stranger.headers | {"Last-Event-ID": "x"}, "", 400),
        ):
            answer = await http.get(f"{url}/events{query}", headers=headers)
            assert answer.status_code == status, answer.text


async def test_it_ends_with_the_token(url: str, server: Server) -> None:
    short = await component(server, PLACE, ttl="2s")
    async with listening(url, short) as stream:
        await stream.begun()
        assert await stream.next(seconds=6) is None


async def test_many_listen_and_one_looks(
    url: str, server: Server, people: People, developer: AsyncClient, fresh: str
) -> None:
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(listening(url, people["viewer"])) for _ in range(20)]
        for stream in streams:
            await stream.begun()
        looks = looks_in(server.audit_log)
        made = await developer.create(new(fresh))
        for stream in streams:
            assert await stream.next() == ("version", {"id": made.id, "version": 1})
        await asyncio.sleep(1.5)
        if looks is not None:
            assert 1 <= (looks_in(server.audit_log) or 0) - looks <= 16  # 20 listeners of their own would make 100


def looks_in(log: Path | None) -> int | None:
    wanted = f'"status/detailed-metadata/{PLACE}'
    return log and sum(wanted in line and '"type":"response"' in line for line in log.read_text().splitlines())  # type: ignore[return-value]


async def test_the_clients_call(url: str, people: People, developer: AsyncClient, fresh: str) -> None:
    async with AsyncClient(url) as client:
        client.use(people["viewer"].token)
        events = client.changes(scope=PLACE, after="1")
        seen = await anext(events)
        assert (seen.kind, seen.event_id.isdigit()) == ("version", True)
        await events.aclose()  # type: ignore[attr-defined]
        for token, kind in ((people["outsider"].token, NotAllowed), (None, NotSignedIn)):
            if token is None:
                client.forget()
            else:
                client.use(token)
            with pytest.raises(kind):
                await anext(client.changes(scope=PLACE))


def seen(version: int = 1, time: int = 1, *, readable: bool = True, renamed_from: str = "") -> Seen:
    return Seen(version, time, readable, renamed_from)


A, B = Address(f"{PLACE}/a"), Address(f"{PLACE}/b")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {A: seen()}, [Change("version", A, 1, 1)]),
        ({A: seen()}, {A: seen()}, []),
        ({A: seen()}, {A: seen(2, 5)}, [Change("version", A, 2, 5)]),
        ({A: seen(1, 9)}, {}, [Change("deleted", A, 1, 9)]),
        ({A: seen()}, {A: seen(readable=False)}, [Change("deleted", A, 1, 1)]),
        ({A: seen(readable=False)}, {A: seen()}, [Change("version", A, 1, 1)]),
        ({A: seen(readable=False)}, {A: seen(readable=False)}, []),
        ({A: seen(3, 4)}, {B: seen(3, 6, renamed_from=A.path)}, [Change("moved", A, 3, 6, B)]),
        ({A: seen(3, 4)}, {A: seen(3, 4), B: seen(3, 6, renamed_from=A.path)}, [Change("version", B, 3, 6)]),
        ({B: seen(3, 6, renamed_from=A.path)}, {B: seen(3, 6, renamed_from=A.path)}, []),
    ],
)
def test_what_happened_between_two_looks(
    before: dict[Address, Seen], after: dict[Address, Seen], expected: list[Change]
) -> None:
    newest = max((one.time for one in before.values()), default=0)
    assert changes(before, after, newest) == expected


@given(st.integers(0, 4 * 10**9), st.integers(0, 999_999_999))
def test_times_to_the_nanosecond(seconds: int, fraction: int) -> None:
    from datetime import UTC, datetime

    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{fraction:09}".rstrip("0.") + "Z"
    assert nanoseconds(text) == seconds * 10**9 + fraction
    assert nanoseconds("soon") == 0
