"""A command's way to the API: the adapter that the settings name, else one within this process."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import adapter
from adapter.client import AsyncClient, trust
from adapter.errors import NotSignedIn, StatusError
from adapter.settings import Settings, component_login, token_at_hand


@asynccontextmanager
async def signed_in(settings: Settings, command: str) -> AsyncIterator[AsyncClient]:
    """A client that is signed in by AppRole, or holds the token at hand; `command` names it in the vault's log.

    A token is not asked about yet: one that the vault does not accept raises NotSignedIn at the first call. The token
    of an AppRole ends with the client. Raises NotSignedIn without either, Invalid when the settings name neither an
    adapter nor a vault.
    """
    component = component_login(settings)
    token = token_at_hand(settings) if component is None else None
    if component is None and token is None:
        raise NotSignedIn("There is no token to sign in with.", hint="Set VAULT_TOKEN, or sign in with: bao login")
    async with unsigned(settings, command) as client:
        if token is not None:
            client.use(token)
        if component is not None:
            await client.login_with_approle(*component)
        try:
            yield client
        finally:
            if component is not None:
                with suppress(StatusError):  # it ends by itself
                    await client.logout()


@asynccontextmanager
async def unsigned(settings: Settings, command: str) -> AsyncIterator[AsyncClient]:
    """A client that nobody has signed in with yet. Raises Invalid when the settings name neither adapter nor vault."""
    name = f"{command}/{adapter.__version__}"
    async with _remote(settings, name) if settings.adapter_url else _local(settings, name) as client:
        yield client


def _remote(settings: Settings, name: str) -> AsyncClient:
    address = f"{settings.adapter_url}{settings.api_prefix}"
    return AsyncClient(address, verify=trust(settings.adapter_cacert), timeout=settings.timeout, name=name)


@asynccontextmanager
async def _local(settings: Settings, name: str) -> AsyncIterator[AsyncClient]:
    from adapter.api.app import create_app
    from adapter.client.in_process import InProcess

    # What fails here is said once, as the command's own error.
    logging.getLogger("adapter").addHandler(logging.NullHandler())
    app = create_app(settings)
    transport = InProcess(app)
    address = f"http://adapter{settings.api_prefix}"
    async with (
        app.router.lifespan_context(app),
        AsyncClient(address, transport=transport, timeout=settings.timeout, name=name) as client,
    ):
        yield client
