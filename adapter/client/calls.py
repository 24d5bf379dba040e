"""What every call of the client needs: the connection, the token, errors as ours."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from adapter.errors import Invalid, OutcomeUnknown, StatusError, Unreachable, from_body
from adapter.model.wire import Answer, Reasoned, Wire, dump

A = TypeVar("A", bound=Answer)
T = TypeVar("T")


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
    ) -> A:
        answer = await self._send(method, path, content=dump(body, only_set=True) if body else None, params=params)
        return typed(TypeAdapter(kind), answer)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        content: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        token: SecretStr | None = None,
    ) -> httpx.Response:
        headers = self._credentials(token)
        try:
            answer = await self._http.request(method, path, json=content, params=params, headers=headers)
        except httpx.TransportError as error:
            raise unreachable(error) from None
        if answer.is_success:
            return answer
        raise refusal(answer)

    def _credentials(self, token: SecretStr | None = None) -> dict[str, str]:
        token = token or self._token
        return {"X-Vault-Token": token.get_secret_value()} if token else {}


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
        return Unreachable(
            "The adapter did not answer in time.", hint="Try again; a change may have taken place all the same."
        )
    return Unreachable(
        "The adapter cannot be reached.", hint="Check its address, and that it runs: status-secrets serve."
    )


def refusal(answer: httpx.Response) -> StatusError:
    """The error that an answer carries; its body must have been read."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    wait = answer.headers.get("Retry-After", "")
    return from_body(answer.status_code, body, float(wait) if wait.isdigit() else None)
