"""The Python client over a long time: streams that begin anew, tokens that are renewed, an end in the middle."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from adapter import AsyncClient, Client, StatusError
from adapter.errors import Invalid, NotSignedIn, OutcomeUnknown, RateLimited, Unreachable
from adapter.model.keys import PlaintextItem
from adapter.model.signing_in import Me
from adapter.vault import Caller
from tests.support.component import AppRole, app_role
from tests.support.server import People, Server
from tests.support.serving import serving

PLACE = "environment/staging"


@pytest.fixture(scope="module")
def role(server: Server, people: People) -> AppRole:
    return asyncio.run(app_role(server, PLACE))


@pytest.fixture(scope="module")
def url(server: Server, people: People) -> Iterator[str]:
    with serving(server) as address:
        yield address


async def test_a_stream_begins_with_a_token_that_stands(server: Server, url: str, role: AppRole, fresh: str) -> None:
    async with AsyncClient(url, role_id=role.role_id, secret_id=role.secret_id) as client, server.vault() as vault:
        body = {"data": {"value": "x"}}
        await vault.session(Caller(server.token)).send("POST", "status/data", PLACE, fresh, body=body)
        assert client._token is not None
        await vault.session(Caller(client._token)).send("POST", "auth/token/revoke-self")
        changes = client.changes(scope=PLACE, after="1")
        assert (await asyncio.wait_for(anext(changes), 10)).kind == "version"
        await changes.aclose()


async def test_a_renewal_that_has_to_wait_fails_no_call(url: str, role: AppRole) -> None:
    async with AsyncClient(url, role_id=role.role_id, secret_id=role.secret_id) as client:

        async def busy() -> Me:
            raise RateLimited("busy", retry_after=60)

        client.renew = busy  # type: ignore[method-assign]
        first, client._renew_at = client._token, 0.0
        await client.me()
        assert client._token is first
        assert client._renew_at > time.monotonic()


def test_half_of_a_component_is_none() -> None:
    with pytest.raises(Invalid, match="role id and secret id"):
        Client("http://127.0.0.1:1/api/v1", role_id="only")


def threads() -> int:
    return sum(thread.name == "status-secrets" for thread in threading.enumerate())


def test_closing_ends_what_other_threads_wait_for(url: str, role: AppRole) -> None:
    before = threads()
    client = Client(url, role_id=role.role_id, secret_id=role.secret_id)
    ends: list[str | type[StatusError]] = []

    def listen() -> None:
        try:
            list(client.changes(scope=PLACE))
        except StatusError as error:
            ends.append(type(error))

    with client:
        thread = threading.Thread(target=listen)
        thread.start()
        time.sleep(0.5)
    thread.join(10)
    assert ends == [Unreachable]
    client.close()
    with pytest.raises(Unreachable, match="closed"):
        client.me()
    assert threads() == before


async def test_a_sign_in_that_is_refused_leaves_no_connection(url: str, role: AppRole) -> None:
    client = AsyncClient(url, role_id=role.role_id, secret_id=SecretStr("wrong"))
    with pytest.raises(NotSignedIn):
        await client.__aenter__()
    assert client._http.is_closed


def test_a_sign_in_that_is_refused_leaves_no_thread(url: str, role: AppRole) -> None:
    before = threads()
    with pytest.raises(NotSignedIn), Client(url, role_id=role.role_id, secret_id=SecretStr("wrong")):
        pass
    assert threads() == before


@pytest.mark.parametrize(
    ("fault", "change"),
    [(httpx.ConnectError, Unreachable), (httpx.ReadError, OutcomeUnknown), (httpx.ReadTimeout, OutcomeUnknown)],
)
async def test_a_change_whose_answer_got_lost(fault: type[httpx.TransportError], change: type[StatusError]) -> None:
    asked: list[str] = []

    def fail(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.removeprefix("/api/v1/"))
        raise fault("x", request=request)

    async with AsyncClient("http://adapter/api/v1", transport=httpx.MockTransport(fail)) as client:
        with pytest.raises(change):
            await client.delete("x")
        with pytest.raises(Unreachable):
            await client.login("a", SecretStr("b"))
        with pytest.raises(Unreachable):
            await client.encrypt("global~k", [PlaintextItem(plaintext=SecretStr("eA=="))])
    again = 1 if fault is httpx.ReadTimeout else 3
    assert asked == ["secrets/x", "auth/login", *["encrypt"] * again]
