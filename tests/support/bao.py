"""The server that tests run against when none is given: the embedded one, in a folder of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from adapter.vault import Caller, Vault
from adapter.vault.answers import decode_auth
from dev_vault.embedded import EmbeddedVault, FirstStart
from tests.support.server import Server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def lasting_root(first: FirstStart) -> SecretStr:
    """A token that may do everything; the root token itself is revoked after the first start."""
    async with Vault.open(first.vault.url, cacert=first.vault.cacert) as vault:
        body = {"policies": ["root"], "no_parent": True}
        _, content = await vault.session(Caller(first.root_token)).send("POST", "auth/token/create", body=body)
        return SecretStr(decode_auth(content).client_token)


@contextmanager
def running_bao(folder: Path) -> Iterator[Server]:
    """A real `bao` in `folder`, stopped at the end."""
    with asyncio.Runner() as runner:
        embedded = EmbeddedVault(folder, f"127.0.0.1:{free_port()}", prepare=lasting_root)
        running = runner.run(embedded.start())
        try:
            assert embedded.first_run is not None
            yield Server(running.url, running.cacert, embedded.first_run, audit_log=running.audit_log)
        finally:
            runner.run(embedded.stop())
