"""A real PostgreSQL server for this folder's tests, and somebody who may rotate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from adapter.cli.signed_in import signed_in
from adapter.client import AsyncClient
from adapter.model.references import Reference
from adapter.model.retrieval import ValueAnswer
from adapter.model.wire import SecretCreate, VersionView
from adapter.rotation import Kept, Login, Outcome, Target, alternate, open_target, rotate
from adapter.settings import load_settings
from tests.support.postgres import PostgresServer, running_postgres
from tests.support.server import People, Person, Server
from tests.support.tokens import token_with


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
async def component(server: Server, people: People) -> Person:
    """Holds `use` in production, nothing else."""
    return Person("component", SecretStr(""), await token_with(server, ["status-use-environment-production"]))


@pytest.fixture
async def rotator(server: Server, people: People) -> Person:
    """Reads and writes in production: `use` and DEVELOPER there."""
    policies = ["default", "status-use-environment-production", "status-developer-environment-production"]
    return Person("rotator", SecretStr(""), await token_with(server, policies))


@dataclass
class Rotation:
    """An account of the database, its secret, and the command that rotates both, with one person's token."""

    server: Server
    person: Person
    postgres: PostgresServer
    account: str

    @property
    def id(self) -> str:
        return f"environment~production~{self.account}"

    @property
    def ref(self) -> str:
        return f"secret://environment/production/{self.account}"

    def environment(self) -> dict[str, str]:
        return self.server.environment() | {"VAULT_TOKEN": self.person.token.get_secret_value()}

    @asynccontextmanager
    async def client(self) -> AsyncIterator[AsyncClient]:
        settings = load_settings(
            vault_addr=self.server.url, vault_cacert=self.server.cacert, vault_token=self.person.token
        )
        async with signed_in(settings, "test") as client:
            yield client

    async def keep(self, password: str, **fields: str) -> None:
        """The secret: a password, or with further fields a custom one."""
        kind = {"type": "CUSTOM", "fields": fields} if fields else {"type": "PASSWORD"}
        body = {"name": self.account, "scope": "environment/production", "value": password, **kind}
        async with self.client() as client:
            await client.create(SecretCreate.model_validate(body))

    async def value(self, version: int | None = None) -> ValueAnswer:
        async with self.client() as client:
            return await client.value(self.id, version=version)

    async def history(self) -> list[VersionView]:
        async with self.client() as client:
            return await client.versions(self.id)

    async def works(self) -> bool:
        """Whether the database lets in whoever uses the current version."""
        now = await self.value()
        user = (now.fields or {}).get("username", SecretStr(self.account)).get_secret_value()
        return self.postgres.lets_in(user, now.value.get_secret_value())

    def target(self) -> Target:
        config = {"host": "127.0.0.1", "port": self.postgres.port, "database": "postgres", "user": self.account}
        return open_target("postgres", config)

    async def rotate(self, admin: Login | None = None) -> Outcome:
        async with self.client() as client:
            kept = Kept(client, Reference.parse(self.ref), self.account, "quarterly")
            return await rotate(kept, self.target(), admin)

    async def alternate(self, other: str, admin: Login | None = None) -> Outcome:
        async with self.client() as client:
            kept = Kept(client, Reference.parse(self.ref), self.account, "quarterly")
            return await alternate(kept, self.target(), admin, (self.account, other))


@pytest.fixture
def rotation(server: Server, rotator: Person, postgres: PostgresServer, fresh: str) -> Rotation:
    """Nothing made yet: neither the account nor the secret."""
    return Rotation(server, rotator, postgres, fresh)
