"""The examples in docs/python.md run as they stand, against a real adapter; and the two clients have the same calls."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

import adapter
from adapter import AsyncClient, Client, StatusError
from adapter.errors import NotFound, NotSignedIn, RateLimited, Sealed, Unreachable
from adapter.vault import Caller
from tests.support.component import AppRole, app_role
from tests.support.server import People, Server
from tests.support.serving import serving

DOC = Path(__file__).parents[2] / "docs" / "python.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
EXPECTED = ["1 value=SecretStr('**********')", "['/config/password']", "resume after", "not_signed_in Not signed in"]
PLACE = "environment/production"


@pytest.fixture(scope="module")
def role(server: Server, people: People) -> Iterator[AppRole]:
    """A component, and the secret that the examples name while they run."""

    async def prepare() -> AppRole:
        await remove()
        async with server.vault() as vault:
            body = {"data": {"value": "c4n4ry-python"}}
            await vault.session(Caller(server.token)).send("POST", "status/data", PLACE, "db_password", body=body)
        return await app_role(server, PLACE)

    async def remove() -> None:
        async with server.vault() as vault:
            await vault.session(Caller(server.token)).send("DELETE", "status/metadata", PLACE, "db_password")

    yield asyncio.run(prepare())
    asyncio.run(remove())


@pytest.fixture(scope="module")
def url(server: Server, people: People) -> Iterator[str]:
    with serving(server) as address:
        yield address


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_example(number: int, url: str, role: AppRole, tmp_path: Path) -> None:
    file = tmp_path / "secret-id"
    file.write_text(role.secret_id.get_secret_value() + "\n")
    environment = os.environ | {
        "STATUS_ADAPTER_URL": url.removesuffix("/api/v1"),
        "STATUS_ROLE_ID": role.role_id,
        "STATUS_SECRET_ID_FILE": str(file),
    }
    assert len(EXAMPLES) == len(EXPECTED)
    argv = [sys.executable, "-c", EXAMPLES[number]]
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert EXPECTED[number] in done.stdout
    assert "c4n4ry" not in done.stdout + done.stderr


def test_both_clients_have_the_same_calls() -> None:
    streams = {"follow", "export_events"}  # of the audit view: for asyncio only
    calls = {
        name
        for name, call in inspect.getmembers(AsyncClient, callable)
        if not name.startswith("_") and name not in streams | {"aclose"}
    }
    assert calls == {name for name, _ in inspect.getmembers(Client, callable) if not name.startswith("_")} - {"close"}
    assert Client.value.__doc__ == AsyncClient.value.__doc__
    with pytest.raises(AttributeError):
        adapter.Nothing  # noqa: B018


def test_the_sync_client_waits_and_raises(url: str, role: AppRole) -> None:
    with Client(url, role_id=role.role_id, secret_id=role.secret_id) as client:
        assert client.value("environment~production~db_password").value.get_secret_value() == "c4n4ry-python"
        with pytest.raises(NotFound):
            client.secret("environment~production~none")
        assert client.signed_in
    with pytest.raises(NotSignedIn), Client(url, role_id=role.role_id, secret_id=SecretStr("wrong")):
        pass


async def test_a_token_is_renewed_and_replaced(server: Server, url: str, people: People, role: AppRole) -> None:
    """A token that is revoked in the middle, and one that would have ended long ago."""
    short = await app_role(server, PLACE, token_ttl="6s", token_max_ttl="8s")
    async with AsyncClient(url, role_id=short.role_id, secret_id=short.secret_id) as client:
        assert client._token is not None
        async with server.vault() as vault:
            await vault.session(Caller(client._token)).send("POST", "auth/token/revoke-self")
        found = await asyncio.gather(*(client.value("environment~production~db_password") for _ in range(8)))
        assert {one.value.get_secret_value() for one in found} == {"c4n4ry-python"}
        first = client._token
        client._renew_at = 0.0
        await client.me()
        assert client._token is first  # renewed, not replaced
        async with server.vault() as vault:
            await vault.session(Caller(first)).send("POST", "auth/token/revoke-self")
        client._renew_at = 0.0
        await client.me()
        assert client._token is not first
        last = client._token
    async with AsyncClient(url) as other:
        other.use(last)
        with pytest.raises(NotSignedIn):
            await other.me()


def scripted(answers: list[StatusError | None], method: list[str]) -> AsyncClient:
    def answer(request: httpx.Request) -> httpx.Response:
        method.append(request.method)
        error = answers.pop(0)
        if error is None:
            return httpx.Response(200, json={"results": []} if b"refs" in request.content else [])
        wait = getattr(error, "retry_after", None)
        return httpx.Response(
            error.status, json=error.body(), headers={"Retry-After": str(wait)} if wait is not None else {}
        )

    return AsyncClient("http://adapter/api/v1", transport=httpx.MockTransport(answer))


@pytest.mark.parametrize("error", [RateLimited("x", retry_after=0), RateLimited("x"), Sealed("x"), Unreachable("x")])
async def test_reads_are_tried_again_and_changes_are_not(error: StatusError) -> None:
    seen: list[str] = []
    async with scripted([error, error, None, error, None, error], seen) as client:
        assert await client.secrets() == []
        assert await client.resolve([]) == []
        with pytest.raises(type(error)):
            await client.delete("x")
    assert seen == ["GET"] * 3 + ["POST"] * 2 + ["DELETE"]


async def test_a_long_wait_is_told_and_attempts_end() -> None:
    begun = time.monotonic()
    seen: list[str] = []
    async with scripted([RateLimited("x", retry_after=60), *[Sealed("x")] * 3], seen) as client:
        with pytest.raises(RateLimited):
            await client.secrets()
        with pytest.raises(Sealed):
            await client.secrets()
    assert (len(seen), time.monotonic() - begun < 5) == (4, True)
