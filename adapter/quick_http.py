"""HTTP for a command that makes a few requests and ends: synchronous, one connection, the standard library only."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from adapter.errors import StatusError
from adapter.model.urls import check_url

Failure = Literal["untrusted", "unreachable", "timed_out", "outcome_unknown"]

ATTEMPTS = 3
MOST_REDIRECTS = 3
LAST_WORDS = 3.0
"""Seconds for the request that ends a token: nobody shall wait long for it."""

LONGEST_WAIT = 5.0
"""Seconds that a rate limit is waited for."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def retry_after(self) -> float | None:
        """Seconds."""
        text = self.headers.get("Retry-After") or ""
        return float(text) if text.isdigit() else None

    def json(self) -> Any:
        """None for what is no JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class QuickHttp:
    """One server. `failed` says in its terms what went wrong on the way; times are in seconds."""

    def __init__(
        self,
        url: str,
        *,
        context: ssl.SSLContext | None,
        timeout: float,
        failed: Callable[[Failure], StatusError],
        server_name: str | None = None,
    ) -> None:
        self._url = url
        self._home = url, server_name
        self._context = context
        self._timeout = timeout
        self._failed = failed
        self._server_name = server_name
        self._connection: http.client.HTTPConnection | None = None

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None, *, repeat: bool = False
    ) -> Answer:
        """One request to `path`, percent-encoded. Raises what `failed` says; a status is the caller's to judge.

        `repeat`: it changes nothing, so it is tried again when no answer came or the server was busy.
        """
        data = None if body is None else json.dumps(body).encode()
        given = dict(headers) if data is None else {"Content-Type": "application/json", **headers}
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS or not repeat
            try:
                answer = self._exchange(method, path, given, data)
            except (OSError, http.client.HTTPException) as error:
                self.close()  # what is still under way on it is not the next request's business
                self._url, self._server_name = self._home  # the node that a standby named may be gone
                failure = _failure(error, repeat)
                if last or isinstance(error, ssl.SSLCertVerificationError | TimeoutError):
                    raise self._failed(failure) from None
                time.sleep(0.05 * attempt)
                continue
            if self._connection is not None and self._connection.sock is None:
                self.close()
            wait = _pause(answer, attempt)
            if last or wait is None:
                return answer
            time.sleep(wait)
        raise AssertionError("unreachable")

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], data: bytes | None) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            connection = self._open()
            prefix = urlsplit(self._url).path
            connection.request(method, prefix + path, body=data, headers=dict(headers))
            answer = connection.getresponse()
            content = answer.read()
            if answer.status not in (307, 308):
                break
            self._move(answer.headers.get("Location") or "")
        return Answer(answer.status, dict(answer.headers.items()), content)

    def _move(self, location: str) -> None:
        """Go on at the node that a standby names. Raises what `failed` says of a place that no token may be sent to."""
        try:
            target = urlsplit(urljoin(self._url, location))
            url = check_url(f"{target.scheme}://{target.netloc}")
        except ValueError:
            raise self._failed("unreachable") from None
        if not location or (self._url.startswith("https:") and target.scheme != "https"):
            raise self._failed("unreachable")
        self.close()
        self._url, self._server_name = url, None

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is None:
            parts = urlsplit(self._url)
            host, port = parts.hostname or "", parts.port
            if parts.scheme == "https":
                context = self._context or ssl.create_default_context()
                self._connection = _Secure(host, port, self._timeout, context, self._server_name or host)
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
        return self._connection

    def hurry(self, seconds: float) -> None:
        """From now on wait no longer than that for an answer."""
        self._timeout = min(self._timeout, seconds)
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.settimeout(self._timeout)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Secure(http.client.HTTPSConnection):
    """The certificate must be for `name`, which need not be the address's host."""

    def __init__(self, host: str, port: int | None, timeout: float, context: ssl.SSLContext, name: str) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._tls, self._name = context, name

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name)


def _failure(error: Exception, repeat: bool) -> Failure:
    """`repeat`: the request changes nothing, so that it does not matter whether it arrived."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "untrusted"
    if isinstance(error, ConnectionRefusedError):
        return "unreachable"
    if not repeat:
        return "outcome_unknown"
    return "timed_out" if isinstance(error, TimeoutError) else "unreachable"


def _pause(answer: Answer, attempt: int) -> float | None:
    """How long to wait before a read is repeated; None when it is not worth it."""
    if answer.status == 429:
        wait = answer.retry_after
        wait = 0.2 * attempt if wait is None else wait
        return wait if wait <= LONGEST_WAIT else None
    return 0.1 * attempt if answer.status in (409, 412, 502, 504) else None
