"""What the STATUS platform's accounts are in the vault: entities, as an ADMIN's grant makes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from adapter.model.accounts import entity_name
from adapter.provision.people import adapter_credentials
from adapter.settings import Settings, load_settings
from adapter.vault import Caller
from adapter.vault.answers import decode_any
from tests.conftest import WANTED
from tests.support.platform import KEY, OLD_KEY
from tests.support.server import Server


async def platform_settings(server: Server, **more: Any) -> Settings:
    """An adapter with an identity of its own, which takes the platform's JSON Web Tokens."""
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
    return load_settings(
        vault_addr=server.url,
        vault_cacert=server.cacert,
        adapter_role_id=role_id,
        adapter_secret_id=secret_id,
        jwt_secret=SecretStr(KEY),
        jwt_secret_previous=SecretStr(OLD_KEY),
        **more,
    )


@asynccontextmanager
async def root(server: Server) -> AsyncIterator[Any]:
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))

        async def call(method: str, path: str, body: Any = None) -> dict[str, Any]:
            _, content = await session.send(method, path, body=body)
            return decode_any(content) if content else {}

        yield call


async def grant(server: Server, user_id: int, **changes: Any) -> None:
    """What `status-secrets grants` does for an account: its entity, with one key a scope, and the alias."""
    async with root(server) as call:
        name = entity_name(user_id)
        await call("POST", f"identity/entity/name/{name}", changes)
        entity = await call("GET", f"identity/entity/name/{name}")
        accessor = (await call("GET", "sys/auth"))["token/"]["accessor"]
        alias = {"name": name, "canonical_id": entity["id"], "mount_accessor": accessor}
        await call("POST", "identity/entity-alias", alias)
