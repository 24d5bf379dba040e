"""Tokens looked at by their accessors, on the real server."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest
from pydantic import SecretStr

from adapter.errors import NotAllowed, StatusError
from adapter.vault import Caller, accessors, identity
from tests.support.server import People, Server


async def test_one_that_is_just_ending_is_none_and_no_refusal(server: Server, people: People) -> None:
    """Vault refuses to tell of a token whose last use was now, as it refuses whoever may not look."""
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        done = asyncio.Event()

        async def use_up() -> None:
            body = {"policies": ["default"], "num_uses": 1, "ttl": "30s"}
            while not done.is_set():
                _, content = await root.send("POST", "auth/token/create", body=body)
                token = SecretStr(json.loads(content)["auth"]["client_token"])
                with suppress(StatusError):  # its revocation may come in between
                    await vault.session(Caller(token, counted=True)).send("GET", "auth/token/lookup-self")

        busy = [asyncio.create_task(use_up()) for _ in range(4)]
        ended = 0
        for _ in range(20):
            for accessor in await identity.names(root, "auth/token/accessors"):
                ended += await accessors.look(root, accessor) is None
        done.set()
        await asyncio.gather(*busy)
        assert ended
        accessor, *_ = await identity.names(root, "auth/token/accessors")
        with pytest.raises(NotAllowed):
            await accessors.look(vault.session(Caller(people["viewer"].token)), accessor)
