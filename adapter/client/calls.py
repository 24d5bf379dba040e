"""What every call of the client needs: the connection, the token, errors as ours."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from adapter.errors import Invalid, OutcomeUnknown, RateLimited, Sealed, StatusError, Unreachable, from_body
from adapter.model.wire import Answer, Reasoned, Wire, dump

A = TypeVar("A", bound=Answer)
T = TypeVar("T")

LONGEST_WAIT = 10.0
"""Seconds that a rate limit is waited for."""

SIGNING_IN = "auth/"
"""Where the calls to sign in and out are: nothing is lost by asking again."""

CHECK_ADDRESS = "Check its address, https:// or http:// too, and that it runs: status-secrets serve."

READING_THE_LOG = 900.0
"""Seconds for a call that reads the whole of the audit log: some gigabytes, perhaps compressed."""


def trust(cacert: Path | None) -> ssl.SSLContext:
    """Strict certificate checks against that CA, None for the system's. Raises Invalid for a file that is none."""
    try:
        return ssl.create_default_context(cafile=str(cacert) if cacert else None)
    except (OSError, ssl.SSLError):
        raise Invalid(
            "The file with the CA of the adapter's certificate cannot be used.", hint="Check STATUS_ADAPTER_CACERT."
        ) from None


class Calls:
    """One caller of the API. It holds the caller's token in memory; every call raises StatusError.

    `base_url` ends with the API's prefix: `https://127.0.0.1:8350/api/v1`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        verify: Any = True,
        timeout: float = 30.0,
        name: str = "api",
        attempts: int = 3,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/") + "/",
            transport=transport,
            verify=verify,
            timeout=timeout,
            trust_env=False,
            headers={"X-Status-Client": name},
        )
        self._token: SecretStr | None = None
        self._attempts = attempts

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        self._token = None
        await self._http.aclose()

    @property
    def signed_in(self) -> bool:
        return self._token is not None

    async def _call(
        self,
        method: str,
        path: str,
        kind: type[A],
        *,
        body: Wire | None = None,
        params: Mapping[str, str] | None = None,
        repeat: bool | None = None,
        within: float | None = None,
    ) -> A:
        content = dump(body, only_set=True) if body else None
        answer = await self._send(method, path, content=content, params=params, repeat=repeat, within=within)
        return typed(TypeAdapter(kind), answer)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        content: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        token: SecretStr | None = None,
        repeat: bool | None = None,
        within: float | None = None,
    ) -> httpx.Response:
        """A successful answer. `repeat`, by default of a GET: it changes nothing, so it is tried again if need be.

        `within`: seconds for the answer, where it takes longer than those of other calls.
        """
        may_repeat = method == "GET" if repeat is None else repeat
        attempt = 1
        while True:
            try:
                return await self._send_once(method, path, content, params, token, within)
            except httpx.TransportError as error:
                changes_nothing = may_repeat or path.startswith(SIGNING_IN)
                problem: StatusError = unreachable(error) if changes_nothing else lost(error)
            except StatusError as error:
                problem = error
            wait = _pause(problem, attempt) if may_repeat and attempt < self._attempts else None
            if wait is None:
                raise problem from None
            await asyncio.sleep(wait)
            attempt += 1

    async def _ready(self) -> None:
        """Before a request that `_send` does not make: see to it that the token stands."""

    async def _send_once(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | None,
        params: Mapping[str, str] | None,
        token: SecretStr | None,
        within: float | None,
    ) -> httpx.Response:
        headers = self._credentials(token)
        timeout = self._http.timeout
        if within is not None and timeout.read is not None:
            timeout = httpx.Timeout(timeout.connect, read=max(within, timeout.read))
        answer = await self._http.request(method, path, json=content, params=params, headers=headers, timeout=timeout)
        if answer.is_success:
            return answer
        raise refusal(answer)

    def _credentials(self, token: SecretStr | None = None) -> dict[str, str]:
        token = token or self._token
        return {"X-Vault-Token": token.get_secret_value()} if token else {}


def _pause(error: StatusError, attempt: int) -> float | None:
    """Seconds to wait before a read is repeated; None when it is not worth it."""
    if isinstance(error, RateLimited):
        wait = error.retry_after if error.retry_after is not None else 0.2 * attempt
        return wait if wait <= LONGEST_WAIT else None
    if isinstance(error, TimedOut):
        return None
    return 0.2 * attempt if isinstance(error, Unreachable | Sealed) else None


class TimedOut(Unreachable):
    """No answer in time: asking again would only take as long again."""


def why(reason: str | None) -> Reasoned:
    return Reasoned(reason=reason) if reason else Reasoned()


def typed(kind: TypeAdapter[T], answer: httpx.Response) -> T:
    """The answer's JSON as what it should be. Raises OutcomeUnknown when it is something else."""
    try:
        return kind.validate_json(answer.content)
    except ValidationError:
        raise OutcomeUnknown(
            "The adapter's answer could not be read.",
            hint="Check its address; adapter and client may also be of different versions.",
        ) from None


def unreachable(error: httpx.TransportError) -> Unreachable:
    """What a request that did not get its answer means to the caller."""
    if isinstance(error, httpx.TimeoutException):
        return TimedOut("The adapter did not answer in time.", hint="Try again later.")
    secure = _tls_error(error)
    if isinstance(secure, ssl.SSLCertVerificationError):
        return Unreachable(
            "The adapter's certificate is not trusted: it is of a CA that is not known here, or for another name.",
            hint="Give the CA with STATUS_ADAPTER_CACERT, in Python with cacert=.",
        )
    if secure is not None:
        return Unreachable("No TLS connection to the adapter could be made.", hint=CHECK_ADDRESS)
    return Unreachable("The adapter cannot be reached.", hint=CHECK_ADDRESS)


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """What TLS said, beneath the errors of the libraries."""
    under: BaseException | None = error
    while under is not None and not isinstance(under, ssl.SSLError):
        under = under.__cause__ or under.__context__
    return under


def lost(error: httpx.TransportError) -> StatusError:
    """The same for a change: once it was on its way, it may have taken place."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return unreachable(error)
    return OutcomeUnknown("The adapter did not say whether the act took place.", hint="Look before you repeat it.")


def refusal(answer: httpx.Response) -> StatusError:
    """The error that an answer carries; its body must have been read."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    wait = answer.headers.get("Retry-After", "")
    return from_body(answer.status_code, body, float(wait) if wait.isdigit() else None)
