"""Tokens with the policies that a test names."""

from __future__ import annotations

from pydantic import SecretStr

from adapter.vault import Caller
from adapter.vault.answers import decode_auth
from tests.support.server import Server


async def token_with(server: Server, policies: list[str]) -> SecretStr:
    """Good for an hour; it belongs to nobody."""
    async with server.vault() as vault:
        body = {"policies": policies, "no_parent": True, "ttl": "1h"}
        _, content = await vault.session(Caller(server.token)).send("POST", "auth/token/create", body=body)
        return SecretStr(decode_auth(content).client_token)
