"""The few calls that bring a server up: health, initialisation, the end of the root token."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from adapter.errors import SetupFailed, StatusError
from adapter.vault.connection import Connection
from adapter.vault.transport import Transport

ACTIVE, STANDBY, NOT_INITIALISED, SEALED = 200, 429, 501, 503


@dataclass(frozen=True, slots=True)
class Keys:
    """What an initialisation answers, once."""

    root_token: SecretStr
    recovery_key: SecretStr = field(repr=False)


class ServerApi:
    """A server at an address, trusted through the CA given. Calls raise StatusError unless they say otherwise."""

    def __init__(self, url: str, ca: Path, *, timeout: float = 60.0) -> None:
        self._transport = Transport(Connection(url, cacert=ca, timeout=timeout))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def health(self) -> int | None:
        """ACTIVE, STANDBY, NOT_INITIALISED or SEALED; None when nothing answers."""
        try:
            status, _ = await self._transport.send(
                "GET", "/v1/sys/health", ok=frozenset({STANDBY, NOT_INITIALISED, SEALED})
            )
        except StatusError:
            return None
        return status

    async def initialise(self) -> Keys:
        """Initialise with one recovery key: the seal opens itself. https://openbao.org/api-docs/system/init/"""
        _, content = await self._transport.send(
            "PUT", "/v1/sys/init", body={"recovery_shares": 1, "recovery_threshold": 1}
        )
        try:
            answer = json.loads(content)
            return Keys(SecretStr(answer["root_token"]), SecretStr(answer["recovery_keys_base64"][0]))
        except (ValueError, KeyError, IndexError, TypeError):
            raise SetupFailed("The vault's answer to its initialisation could not be read.") from None

    async def revoke(self, token: SecretStr) -> None:
        headers = {"X-Vault-Token": token.get_secret_value()}
        await self._transport.send("POST", "/v1/auth/token/revoke-self", headers=headers)
