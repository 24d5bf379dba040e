"""A command's way to the API: the adapter that the settings name, else one within this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import adapter
from adapter.client import AsyncClient, trust
from adapter.errors import NotSignedIn
from adapter.settings import Settings, token_at_hand


@asynccontextmanager
async def signed_in(settings: Settings, command: str) -> AsyncIterator[AsyncClient]:
    """A client that holds the token at hand; `command` names the caller in the vault's log.

    Nothing is asked of the vault yet: a token that it does not accept raises NotSignedIn at the first call. Raises
    NotSignedIn without a token, Invalid when the settings name neither an adapter nor a vault.
    """
    token = token_at_hand(settings)
    if token is None:
        raise NotSignedIn("There is no token to sign in with.", hint="Set VAULT_TOKEN, or sign in with: bao login")
    name = f"{command}/{adapter.__version__}"
    async with _remote(settings, name) if settings.adapter_url else _local(settings, name) as client:
        client.use(token)
        yield client


def _remote(settings: Settings, name: str) -> AsyncClient:
    address = f"{settings.adapter_url}{settings.api_prefix}"
    return AsyncClient(address, verify=trust(settings.adapter_cacert), timeout=settings.timeout, name=name)


@asynccontextmanager
async def _local(settings: Settings, name: str) -> AsyncIterator[AsyncClient]:
    from adapter.api.app import create_app
    from adapter.client.in_process import InProcess

    app = create_app(settings)
    transport = InProcess(app)
    address = f"http://adapter{settings.api_prefix}"
    async with (
        app.router.lifespan_context(app),
        AsyncClient(address, transport=transport, timeout=settings.timeout, name=name) as client,
    ):
        yield client
