"""From what a person entered to a session; the token stays in the client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from pydantic import SecretStr

from adapter.client import AsyncClient, oidc
from adapter.model.signing_in import Me, SignedIn
from statustui.session import Session
from statustui.signin_form import Credentials
from statustui.ways import APPROLE, OIDC, TOKEN


async def sign_in(
    client: AsyncClient, credentials: Credentials, go_to: Callable[[str], None]
) -> tuple[Session, SecretStr]:
    """The session of who signed in, and its token. `go_to` is told the provider's address. Raises StatusError."""
    answer = await _answer(client, credentials, go_to)
    me = Me(name=answer.name, expires_at=answer.expires_at, roles=answer.roles, notice=answer.notice)
    return Session.of(me, borrowed=credentials.way.method == TOKEN), answer.token


async def _answer(client: AsyncClient, credentials: Credentials, go_to: Callable[[str], None]) -> SignedIn:
    way = credentials.way
    if way.method == TOKEN:
        return await client.login_with_token(credentials.secret)
    if way.method == APPROLE:
        return await client.login_with_approle(credentials.name, credentials.secret, mount=way.mount)
    if way.method == OIDC:
        return await oidc.sign_in(client, go_to, mount=way.mount)
    method = cast(Literal["userpass", "ldap"], way.method)
    return await client.login(credentials.name, credentials.secret, method=method, mount=way.mount)
