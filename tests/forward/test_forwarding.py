"""A forwarder beside one vault, an adapter elsewhere: the real command, the real log, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from adapter.model.roles import Role
from adapter.provision import apply
from adapter.provision.people import add_person
from adapter.vault import Caller
from adapter.vault.answers import decode_any
from adapter.vault.tokens import login_userpass
from tests.cli.conftest import COMMAND
from tests.conftest import WANTED
from tests.support.bao import free_port, running_bao
from tests.support.server import People, Person, Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A vault of these tests' own: the whole of its log is sent."""
    with running_bao(tmp_path_factory.mktemp("vault1") / "data") as own:
        yield own


@pytest.fixture(scope="module")
def people(server: Server) -> dict[str, Person]:
    return asyncio.run(signed_in(server))


async def signed_in(server: Server) -> dict[str, Person]:
    """Those of the other tests' server, on this one."""
    roles = {"viewer": Role.USER, "developer": Role.DEVELOPER, "admin": Role.ADMIN, "outsider": Role.USER}
    found = {}
    async with server.vault() as vault:
        await apply(vault, server.token, WANTED)
        for name, role in roles.items():
            wanted = replace(WANTED, scopes=()) if name == "outsider" else WANTED
            password = SecretStr(secrets.token_urlsafe(16))
            await add_person(vault, server.token, wanted, name, password, role)
            auth = await login_userpass(vault.session(Caller(SecretStr(""))), name, password, "userpass")
            found[name] = Person(name, password, SecretStr(auth.client_token))
    return found


@dataclass
class Elsewhere:
    """An adapter that takes logs, in a process of its own; `log`: the file it keeps."""

    url: str
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        listen = self.url.removeprefix("http://")
        argv = [*COMMAND, "serve", "--no-tls", "--listen", listen]
        self.process = subprocess.Popen(argv, env=os.environ | self.environment, stderr=subprocess.DEVNULL)
        async with httpx.AsyncClient() as client, asyncio.timeout(30):
            while True:
                try:
                    if (await client.get(f"{self.url}/api/v1/health")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.1)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


@pytest.fixture
async def elsewhere(server: Server, people: People, tmp_path: Path) -> AsyncIterator[Elsewhere]:
    log = tmp_path / "spool" / "vault1.log"
    environment = server.environment() | {
        "STATUS_AUDIT_LOG": str(log),
        "STATUS_AUDIT_RECEIVE": "true",
        "STATUS_AUDIT_INDEX": str(tmp_path / "index.db"),
        "STATUS_AUDIT_SEAL_EVERY": "0",
    }
    one = Elsewhere(f"http://127.0.0.1:{free_port()}", log, environment)
    await one.start()
    yield one
    one.stop()


@pytest.fixture
async def forwarder(server: Server, people: People, elsewhere: Elsewhere, fresh: str) -> dict[str, str]:
    """The sign-in of one that an ADMIN adds, as the environment has it."""
    async with httpx.AsyncClient(base_url=f"{elsewhere.url}/api/v1", headers=people["admin"].headers) as client:
        await client.request("DELETE", "audit/forwarders/vault1", json={})
        answer = await client.post("audit/forwarders", json={"name": "vault1", "reason": "the log of vault1"})
        assert answer.status_code == 201, answer.text
        made = answer.json()
    async with server.vault() as vault:
        wrapping = vault.session(Caller(server.token))
        _, content = await wrapping.send("POST", "sys/wrapping/unwrap", body={"token": made["wrappedSecretId"]})
    return {
        "STATUS_ADAPTER_URL": elsewhere.url,
        "STATUS_ROLE_ID": made["roleId"],
        "STATUS_SECRET_ID": str(decode_any(content)["secret_id"]),
    }


def forward(forwarder: dict[str, str], log: Path, *options: str) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "STATUS_AUDIT_LOG": str(log), **forwarder}
    argv = [*COMMAND, "audit", "forward", *options]
    return subprocess.Popen(argv, env=environment, stderr=subprocess.PIPE, text=True)


async def test_the_log_arrives_and_answers_questions(
    server: Server, people: People, elsewhere: Elsewhere, forwarder: dict[str, str], fresh: str
) -> None:
    if server.audit_log is None:
        pytest.skip("the server that was given writes its log elsewhere")
    running = forward(forwarder, server.audit_log)
    try:
        base = f"{elsewhere.url}/api/v1"
        async with httpx.AsyncClient(base_url=base, headers=people["developer"].headers, timeout=30) as developer:
            body = {"name": fresh, "type": "PASSWORD", "value": "v", "reason": "seen from afar"}
            assert (await developer.post("secrets", json=body)).status_code == 201
            await _until_seen(developer, fresh)
            elsewhere.kill()
            async with server.vault() as vault:  # a line that cannot be sent now
                await vault.session(Caller(server.token)).send("GET", "sys/mounts")
            await asyncio.sleep(1)
            await elsewhere.start()
            change = {"value": "w", "reason": "after the adapter was killed"}
            created = await developer.post(f"secrets/environment~production~{fresh}/versions", json=change)
            assert created.status_code == 201
            await _until_seen(developer, fresh, act="updated")
    finally:
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=10)
    assert running.returncode == 0, said
    assert "Trying again" in said
    ended = forward(forwarder, server.audit_log, "--once")
    assert (ended.wait(30), ended.communicate()[1].count("Trying")) == (0, 0)
    arrived = elsewhere.log.read_bytes()
    assert server.audit_log.read_bytes()[: len(arrived)] == arrived


async def _until_seen(client: httpx.AsyncClient, name: str, act: str = "created") -> None:
    async with asyncio.timeout(30):
        while True:
            answer = await client.get(f"secrets/environment~production~{name}/audit", params={"act": act})
            if answer.status_code == 200 and len(answer.json()["events"]) == 1:
                return
            await asyncio.sleep(0.1)


async def test_a_forwarder_may_do_nothing_else(
    server: Server, people: People, elsewhere: Elsewhere, forwarder: dict[str, str]
) -> None:
    login = {"method": "approle", "roleId": forwarder["STATUS_ROLE_ID"], "secretId": forwarder["STATUS_SECRET_ID"]}
    async with httpx.AsyncClient(base_url=f"{elsewhere.url}/api/v1", timeout=30) as client:
        token = (await client.post("auth/login", json=login)).json()["token"]
        headers = {"X-Vault-Token": token}
        assert (await client.get("secrets", headers=headers)).json() == []
        for method, path in (("GET", "scopes"), ("GET", "audit"), ("GET", "audit/verify"), ("GET", "grants")):
            assert (await client.request(method, path, headers=headers)).status_code == 403, path
        chunk = {"print": "0" * 32, "offset": 0, "data": "eJwDAAAAAAE="}
        for who in ("viewer", "developer", "outsider"):
            refused = await client.post("audit/forward", json=chunk, headers=people[who].headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed"), who
        for spoilt in ({"print": "../../etc"}, {"offset": -1}, {"data": "no base64!"}):
            answer = await client.post("audit/forward", json=chunk | spoilt, headers=headers)
            assert answer.status_code == 400, spoilt
    async with server.vault() as vault:
        session = vault.session(Caller(people["admin"].token))
        assert await session.send("LIST", "sys/policies/acl")
    assert not list(elsewhere.log.parent.glob("*.log*"))


async def test_an_adapter_that_takes_none(api: httpx.AsyncClient, people: People) -> None:
    answer = await api.get("/audit/forward", params={"print": "0" * 32}, headers=people["admin"].headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "STATUS_AUDIT_RECEIVE" in answer.json()["hint"]
