"""HTTP to the server: TLS, timeouts, retries, the namespace, and the error mapping, in one place.

`HvacAdapter` is what hvac speaks through: its `request` returns a coroutine, so hvac's methods are awaited.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
from hvac.adapters import Adapter
from multidict import CIMultiDict
from yarl import URL

from adapter.errors import StatusError
from adapter.model.urls import check_url
from adapter.vault import problems
from adapter.vault.connection import Connection

READS = frozenset({"GET", "LIST", "SCAN"})
ATTEMPTS = 3
MOST_REDIRECTS = 3
LONGEST_WAIT = 2.0
"""Seconds that a read waits for a rate limit before it gives up and says so."""


class _ErrorBody(msgspec.Struct):
    errors: list[str] = []


class Transport:
    """One pool of connections to one server, shared by all callers; it holds no token."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        secure = connection.url.startswith("https:")
        self._ssl = connection.ssl_context() if secure else True
        self._session: aiohttp.ClientSession | None = None
        self.on_change: Callable[[str], None] | None = None
        """Told the path of each request that changed something, percent-encoded."""

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=64, ssl=self._ssl, keepalive_timeout=30),
                timeout=aiohttp.ClientTimeout(total=self.connection.timeout, sock_connect=10),
                auto_decompress=True,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        ok: frozenset[int] = frozenset(),
        once: bool = False,
    ) -> tuple[int, bytes]:
        """One request to `path` (percent-encoded, from `/v1/` on); a read is repeated when that is safe.

        Answers the status and body of a success, or of a status in `ok`. Raises StatusError for every other. `once`:
        the token's uses are counted, so nothing is repeated.
        """
        attempt = 1
        while True:
            try:
                answer = await self._send_once(method, path, body, params, headers, ok)
            except StatusError as error:
                wait = _pause(error, attempt) if method in READS and not once else None
                if wait is None:
                    raise
                await asyncio.sleep(wait)
                attempt += 1
            else:
                if self.on_change is not None and method not in READS:
                    self.on_change(path)
                return answer

    async def _send_once(
        self,
        method: str,
        path: str,
        body: Any,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        ok: frozenset[int],
    ) -> tuple[int, bytes]:
        query = "?" + urlencode(params) if params else ""
        all_headers = CIMultiDict({"X-Vault-Request": "true"})
        if self.connection.namespace:
            all_headers["X-Vault-Namespace"] = self.connection.namespace
        data = None
        if body is not None:
            all_headers["Content-Type"] = "application/json"
            data = json.dumps(body, separators=(",", ":")).encode()
        all_headers.update(headers or {})
        url = URL(self.connection.url + path + query, encoded=True)
        try:
            for _ in range(MOST_REDIRECTS + 1):
                answer = await self._exchange(method, url, data, all_headers)
                if answer.status not in (307, 308):
                    break
                url = redirected(url, answer.headers.get("Location", ""))
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError):
            raise problems.untrusted() from None
        except (aiohttp.ClientConnectorError, aiohttp.ClientSSLError, aiohttp.ConnectionTimeoutError):
            raise problems.unreachable() from None
        except TimeoutError:
            raise (problems.timed_out() if method in READS else problems.outcome_unknown()) from None
        except (aiohttp.ClientError, OSError):
            raise (problems.unreachable() if method in READS else problems.outcome_unknown()) from None
        if answer.status < 300 or answer.status in ok:
            return answer.status, answer.content
        wait = _seconds(answer.headers.get("Retry-After"))
        raise problems.from_status(answer.status, error_texts(answer.content), retry_after=wait)

    async def _exchange(self, method: str, url: URL, data: bytes | None, headers: CIMultiDict[str]) -> _Answer:
        own_host = url.host == URL(self.connection.url).host
        async with self._open().request(
            method,
            url,
            data=data,
            headers=headers,
            server_hostname=self.connection.server_name if own_host else None,
            allow_redirects=False,
        ) as answer:
            return _Answer(answer.status, answer.headers, await answer.read())


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def redirected(url: URL, location: str) -> URL:
    """Where a standby sends us on to. Raises Unreachable for a place that a token may not be sent to.

    The token and body go along, so never from https to plain http, and never to plain http beyond loopback.
    """
    try:
        target = url.join(URL(location, encoded=True))
        check_url(f"{target.scheme}://{target.authority}")
    except ValueError:
        raise problems.unreachable() from None
    if not location or (url.scheme == "https" and target.scheme != "https"):
        raise problems.unreachable()
    return target


def error_texts(content: bytes) -> list[str]:
    """The `errors` of an error body; empty when it has none."""
    try:
        return msgspec.json.decode(content, type=_ErrorBody).errors
    except msgspec.DecodeError:
        return []


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None


def _pause(error: StatusError, attempt: int) -> float | None:
    """How long to wait before a read is repeated; None when it is not worth it."""
    if attempt >= ATTEMPTS:
        return None
    if error.status == 429:
        wait = getattr(error, "retry_after", None)
        wait = 0.2 * attempt if wait is None else wait
        return wait if wait <= LONGEST_WAIT else None
    return 0.05 * attempt if error.status in (409, 502) and not isinstance(error, problems.TimedOut) else None


class HvacAdapter(Adapter):  # type: ignore[misc]
    """hvac's door to `Transport`, for one caller. Its methods answer coroutines of the body as bytes."""

    def __init__(self, transport: Transport, headers: Mapping[str, str], *, once: bool = False) -> None:
        self._transport = transport
        self._headers = headers
        self._once = once
        self.base_uri = ""
        self.namespace = transport.connection.namespace

    async def request(self, method: str, url: str, **options: Any) -> bytes:
        """hvac's one way to the server; `url` is quoted by hvac. Raises StatusError."""
        headers = {**self._headers, **(options.get("headers") or {})}
        if wrap_ttl := options.get("wrap_ttl"):
            headers["X-Vault-Wrap-TTL"] = str(wrap_ttl)
        _, content = await self._transport.send(
            method.upper(),
            url,
            body=options.get("json"),
            params=options.get("params"),
            headers=headers,
            once=self._once,
        )
        return content

    def get_login_token(self, response: Any) -> str:
        raise NotImplementedError("sign-ins are made by adapter.vault.tokens")
