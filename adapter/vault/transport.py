"""HTTP to the server: TLS, timeouts, retries, the namespace, and the error mapping, in one place.

`HvacAdapter` is what hvac speaks through: its `request` returns a coroutine, so hvac's methods are awaited.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
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
from adapter.memory import wipe
from adapter.model.urls import check_url
from adapter.vault import problems
from adapter.vault.connection import Connection
from adapter.vault.reads import Reads

READS = frozenset({"GET", "LIST", "SCAN"})
ATTEMPTS = 3
MOST_REDIRECTS = 3
LONGEST_WAIT = 2.0
"""Seconds that a read waits for a rate limit before it gives up and says so."""


_encoder = msgspec.json.Encoder()


class _ErrorBody(msgspec.Struct):
    errors: list[str] = []


class Transport:
    """One pool of connections to one server, shared by all callers; it holds no token."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        secure = connection.url.startswith("https:")
        self._ssl = connection.ssl_context() if secure else True
        self._session: aiohttp.ClientSession | None = None
        self._own_headers = {"X-Vault-Request": "true"}
        if connection.namespace:
            self._own_headers["X-Vault-Namespace"] = connection.namespace
        tls = self._ssl if isinstance(self._ssl, ssl.SSLContext) else None
        self._reads = Reads(connection.url, tls, connection.server_name, connection.timeout)
        self.on_change: Callable[[str], None] | None = None
        """Told the path of each request that changed something, percent-encoded."""
        self.on_answer: Callable[[str, int, float], None] | None = None
        """Told the method, the status (the error's, where there was no answer) and the seconds of each request."""

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
        self._reads.close()
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
            begun = time.perf_counter()
            try:
                answer = await self._send_once(method, path, body, params, headers, ok, once)
                self._tell(method, answer[0], begun)
            except StatusError as error:
                self._tell(method, error.status, begun)
                wait = _pause(error, attempt) if method in READS and not once else None
                if wait is None:
                    raise
                await asyncio.sleep(wait)
                attempt += 1
            else:
                if self.on_change is not None and method not in READS:
                    self.on_change(path)
                return answer

    def _tell(self, method: str, status: int, begun: float) -> None:
        if self.on_answer is not None:
            self.on_answer(method, status, time.perf_counter() - begun)

    async def _send_once(
        self,
        method: str,
        path: str,
        body: Any,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        ok: frozenset[int],
        once: bool,
    ) -> tuple[int, bytes]:
        target = path + "?" + urlencode(params) if params else path
        if method == "GET" and not once:
            try:
                reply = await self._reads.get(target, {**self._own_headers, **(headers or {})})
            except TimeoutError:
                raise problems.timed_out() from None
            if reply is not None:
                return _judged(reply.status, reply.content, reply.retry_after, ok)
        given = CIMultiDict(self._own_headers)
        data = None
        if body is not None:
            given["Content-Type"] = "application/json"
            data = encoded(body)
        url = URL(self.connection.url + target, encoded=True)
        given.update(headers or {})
        try:
            answer = await self._follow(method, url, data, given)
        finally:
            wipe(data or bytearray())
        return _judged(answer.status, answer.content, answer.headers.get("Retry-After"), ok)

    async def _follow(self, method: str, url: URL, data: bytearray | None, headers: CIMultiDict[str]) -> _Answer:
        """An answer that is no redirect."""
        try:
            for _ in range(MOST_REDIRECTS + 1):
                answer = await self._exchange(method, url, data, headers)
                if answer.status not in (307, 308):
                    return answer
                url = redirected(url, answer.headers.get("Location", ""))
        except aiohttp.ClientConnectorCertificateError:
            raise problems.untrusted() from None
        except aiohttp.ClientConnectorSSLError:
            raise problems.no_tls() from None
        except (aiohttp.ClientConnectorError, aiohttp.ClientSSLError, aiohttp.ConnectionTimeoutError):
            raise problems.unreachable() from None
        except TimeoutError:
            raise (problems.timed_out() if method in READS else problems.outcome_unknown()) from None
        except (aiohttp.ClientError, OSError):
            raise (problems.unreachable() if method in READS else problems.outcome_unknown()) from None
        return answer

    async def _exchange(self, method: str, url: URL, data: bytearray | None, headers: CIMultiDict[str]) -> _Answer:
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


def _judged(status: int, content: bytes, retry_after: str | None, ok: frozenset[int]) -> tuple[int, bytes]:
    """The answer, when it is a success or one of `ok`. Raises StatusError."""
    if status < 300 or status in ok:
        return status, content
    raise problems.from_status(status, error_texts(content), retry_after=_seconds(retry_after))


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def encoded(body: Any) -> bytearray:
    """JSON in a buffer that can be overwritten."""
    buffer = bytearray()
    try:
        _encoder.encode_into(body, buffer)
    except (UnicodeEncodeError, OverflowError):  # a lone surrogate; a number beyond 64 bits
        wipe(buffer)
        return bytearray(json.dumps(body, separators=(",", ":")).encode())
    return buffer


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
    """The `errors` of an error body; empty when it has none, but for what a server of TLS says without JSON."""
    try:
        return msgspec.json.decode(content, type=_ErrorBody).errors
    except msgspec.DecodeError:
        return [problems.HTTP_AT_TLS] if problems.at_tls(content) else []


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
