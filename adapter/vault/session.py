"""A server, and one caller's way to it: each request is made with the caller's own token."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote, unquote

import msgspec
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.address import Address
from adapter.settings import SIGN_INS, Settings, sign_in_mounts
from adapter.vault import problems
from adapter.vault.answers import unreadable
from adapter.vault.connection import Connection
from adapter.vault.transport import HvacAdapter, Transport

T = TypeVar("T")

HEALTH_SECONDS = 5.0

ANY_HEALTH = frozenset({429, 472, 473, 501, 503})
"""What `sys/health` answers besides 200: https://openbao.org/api-docs/system/health/"""


class ServerKind(StrEnum):
    OPENBAO = "openbao"
    VAULT = "vault"


@dataclass(slots=True)
class Caller:
    """On whose behalf a request is made, and what the audit log shall say about it.

    `reason` and `client` are the caller's own claims. `address` is where an HTTP caller came from. `counted`: the
    token has few uses, so no request is repeated.
    """

    token: SecretStr
    reason: str = ""
    client: str = "api"
    address: str | None = None
    counted: bool = False
    request_id: str = field(default_factory=partial(secrets.token_hex, 16))

    def headers(self) -> dict[str, str]:
        headers = {"X-Status-Request": self.request_id}
        if token := self.token.get_secret_value():
            headers["X-Vault-Token"] = token
        if self.client:
            headers["X-Status-Client"] = self.client
        if self.reason:
            headers["X-Status-Reason"] = self.reason
        if self.address:
            headers["X-Forwarded-For"] = self.address
        return headers


class _SealStatus(msgspec.Struct):
    version: str = ""
    sealed: bool = True
    commit_date: str | None = None


class _Health(msgspec.Struct):
    enterprise: bool | None = None
    server_time_utc: int = 0


class Vault:
    """One server with STATUS's mounts on it. An asynchronous context manager that holds the connections."""

    def __init__(
        self,
        connection: Connection,
        *,
        mount: str = "status",
        userpass_mount: str = "userpass",
        approle_mount: str = "status-approle",
        sign_ins: tuple[str, ...] = SIGN_INS,
        server_kind: Literal["auto", "openbao", "vault"] = "auto",
    ) -> None:
        self.transport = Transport(connection)
        self.mount = mount
        self.userpass_mount = userpass_mount
        self.approle_mount = approle_mount
        self.sign_ins = sign_ins
        self._kind = None if server_kind == "auto" else ServerKind(server_kind)

    @classmethod
    def open(cls, url: str, *, cacert: Path | None = None, mount: str = "status") -> Vault:
        return cls(Connection(url, cacert=cacert), mount=mount)

    @classmethod
    def from_settings(cls, settings: Settings) -> Vault:
        return cls(
            Connection.from_settings(settings),
            mount=settings.mount,
            userpass_mount=settings.userpass_mount,
            approle_mount=settings.approle_mount,
            sign_ins=sign_in_mounts(settings),
            server_kind=settings.server_kind,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.transport.aclose()

    @property
    def of_root(self) -> dict[str, str]:
        """Headers of a request to what the root namespace alone has: its health, audit devices, barrier key."""
        return {"X-Vault-Namespace": ""} if self.in_namespace else {}

    @property
    def in_namespace(self) -> bool:
        return bool(self.transport.connection.namespace)

    def tell_of_changes(self, told: Callable[[Address], None]) -> None:
        """Have `told` called with each address where this process changed a version or removed a secret."""
        changing = re.compile(rf"/v1/{re.escape(self.mount)}/(?:data|delete|undelete|destroy|metadata)/(.+)")

        def changed(path: str) -> None:
            match = changing.fullmatch(path)
            if match is not None:
                told(Address(unquote(match[1])))

        self.transport.on_change = changed

    def session(self, caller: Caller) -> VaultSession:
        return VaultSession(self, caller)

    async def seal_status(self) -> tuple[str, bool]:
        """The server's version, and whether it is sealed, within five seconds. Raises Unreachable."""
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                _, content = await self.transport.send("GET", "/v1/sys/seal-status", headers=self.of_root, once=True)
        except TimeoutError:
            raise problems.timed_out() from None
        status = _decode(content, _SealStatus)
        return status.version, status.sealed

    async def time(self) -> int:
        """The server's clock: seconds since 1970."""
        return (await self._health()).server_time_utc

    async def _health(self) -> _Health:
        _, content = await self.transport.send("GET", "/v1/sys/health", headers=self.of_root, ok=ANY_HEALTH)
        return _decode(content, _Health)

    async def kind(self) -> ServerKind:
        """Which of the two servers this is, asked once.

        OpenBao's seal status has a `commit_date`; Vault's health has `enterprise`, and its versions began with 1.
        """
        if self._kind is None:
            _, content = await self.transport.send("GET", "/v1/sys/seal-status", headers=self.of_root)
            seal = _decode(content, _SealStatus)
            health = await self._health()
            is_vault = seal.commit_date is None and (health.enterprise is not None or seal.version.startswith("1."))
            self._kind = ServerKind.VAULT if is_vault else ServerKind.OPENBAO
        return self._kind


class VaultSession:
    """One caller's requests. Raises StatusError."""

    def __init__(self, vault: Vault, caller: Caller) -> None:
        self.vault = vault
        self.caller = caller
        self._headers = caller.headers()

    def hvac(self) -> HvacAdapter:
        """What hvac's API classes are given; their methods then answer coroutines of bytes."""
        return HvacAdapter(self.vault.transport, self._headers, once=self.caller.counted)

    async def send(
        self,
        method: str,
        *segments: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        ok: frozenset[int] = frozenset(),
    ) -> tuple[int, bytes]:
        """A request that hvac has no method for. Each segment may hold slashes; all else is percent-encoded."""
        return await self.vault.transport.send(
            method,
            _path_of(segments),
            body=body,
            params=params,
            headers={**self._headers, **headers} if headers else self._headers,
            ok=ok,
            once=self.caller.counted,
        )


@lru_cache(4096)
def _path_of(segments: tuple[str, ...]) -> str:
    """Raises Invalid."""
    if any(part in (".", "..") for segment in segments for part in segment.split("/")):
        raise Invalid("That is no path in the vault.", hint="Check the name.")
    return "/v1/" + "/".join(quote(segment, safe="/") for segment in segments)


def _decode(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError:
        raise unreadable() from None
