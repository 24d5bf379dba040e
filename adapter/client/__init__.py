"""The client of the adapter's HTTP API, over the network or straight into an ASGI app of the same process."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from adapter.errors import Invalid, OutcomeUnknown, StatusError, Unreachable, from_body
from adapter.model.wire import (
    Answer,
    Health,
    Me,
    Reasoned,
    Rollback,
    SecretCreate,
    SecretPatch,
    SecretSaved,
    SecretView,
    SignedIn,
    TokenLogin,
    UserpassLogin,
    VersionView,
    Wire,
    dump,
)

A = TypeVar("A", bound=Answer)
T = TypeVar("T")

_SECRETS = TypeAdapter(list[SecretView])
_VERSIONS = TypeAdapter(list[VersionView])


def trust(cacert: Path | None) -> ssl.SSLContext:
    """Strict certificate checks against that CA, None for the system's. Raises Invalid for a file that is none."""
    try:
        return ssl.create_default_context(cafile=str(cacert) if cacert else None)
    except (OSError, ssl.SSLError):
        raise Invalid(
            "The file with the CA of the adapter's certificate cannot be used.", hint="Check STATUS_ADAPTER_CACERT."
        ) from None


class AsyncClient:
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

    async def login(self, username: str, password: SecretStr, *, mount: str | None = None) -> SignedIn:
        """Sign in with a user name and password (Vault's userpass). Raises NotSignedIn when refused."""
        return await self._sign_in(UserpassLogin(method="userpass", username=username, password=password, mount=mount))

    async def login_with_token(self, token: SecretStr) -> SignedIn:
        """Sign in with a Vault token, such as the one `bao login` left."""
        return await self._sign_in(TokenLogin(method="token", token=token))

    async def _sign_in(self, body: UserpassLogin | TokenLogin) -> SignedIn:
        session = await self._call("POST", "auth/login", SignedIn, body=body)
        self._token = session.token
        return session

    async def logout(self) -> None:
        """Revoke the token and forget it, even when the adapter cannot be reached."""
        token, self._token = self._token, None
        await self._send("POST", "auth/logout", token=token)

    def forget(self) -> None:
        """Drop the token without revoking it: it is somebody else's too."""
        self._token = None

    async def me(self) -> Me:
        return await self._call("GET", "me", Me)

    async def health(self) -> Health:
        return await self._call("GET", "health", Health)

    async def secrets(self, *, scope: str | None = None) -> list[SecretView]:
        """Every secret that the caller may view, sorted by scope and name."""
        answer = await self._send("GET", "secrets", params={"scope": scope} if scope else None)
        return _typed(_SECRETS, answer)

    async def secret(self, secret_id: str) -> SecretView:
        return await self._call("GET", f"secrets/{secret_id}", SecretView)

    async def create(self, secret: SecretCreate) -> SecretSaved:
        """Create a secret; the answer carries its value, this once."""
        return await self._call("POST", "secrets", SecretSaved, body=secret)

    async def edit(self, secret_id: str, change: SecretPatch) -> SecretSaved:
        """Change details; a `value` in the change makes a new version."""
        return await self._call("PATCH", f"secrets/{secret_id}", SecretSaved, body=change)

    async def delete(self, secret_id: str, *, reason: str | None = None) -> None:
        """Remove a secret for good, all versions."""
        await self._send("DELETE", f"secrets/{secret_id}", content=dump(_why(reason), only_set=True))

    async def versions(self, secret_id: str) -> list[VersionView]:
        """A secret's versions, newest first."""
        return _typed(_VERSIONS, await self._send("GET", f"secrets/{secret_id}/versions"))

    async def roll_back(self, secret_id: str, body: Rollback) -> VersionView:
        """A new version that copies an earlier one."""
        return await self._call("POST", f"secrets/{secret_id}/rollback", VersionView, body=body)

    async def delete_version(self, secret_id: str, version: int, *, reason: str | None = None) -> VersionView:
        """Soft-delete one version."""
        return await self._call("DELETE", f"secrets/{secret_id}/versions/{version}", VersionView, body=_why(reason))

    async def undelete_version(self, secret_id: str, version: int, *, reason: str | None = None) -> VersionView:
        """Bring a soft-deleted version back."""
        path = f"secrets/{secret_id}/versions/{version}/undelete"
        return await self._call("POST", path, VersionView, body=_why(reason))

    async def destroy_version(self, secret_id: str, version: int, *, reason: str | None = None) -> VersionView:
        """Destroy one version's value for good."""
        path = f"secrets/{secret_id}/versions/{version}/destroy"
        return await self._call("POST", path, VersionView, body=_why(reason))

    async def _call(self, method: str, path: str, kind: type[A], *, body: Wire | None = None) -> A:
        answer = await self._send(method, path, content=dump(body, only_set=True) if body else None)
        return _typed(TypeAdapter(kind), answer)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        content: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        token: SecretStr | None = None,
    ) -> httpx.Response:
        token = token or self._token
        headers = {"X-Vault-Token": token.get_secret_value()} if token else {}
        try:
            answer = await self._http.request(method, path, json=content, params=params, headers=headers)
        except httpx.TimeoutException:
            raise Unreachable(
                "The adapter did not answer in time.",
                hint="Try again; a change may have taken place all the same.",
            ) from None
        except httpx.TransportError:
            raise Unreachable(
                "The adapter cannot be reached.", hint="Check its address, and that it runs: status-secrets serve."
            ) from None
        if answer.is_success:
            return answer
        raise _error(answer)


def _why(reason: str | None) -> Reasoned:
    return Reasoned(reason=reason) if reason else Reasoned()


def _typed(kind: TypeAdapter[T], answer: httpx.Response) -> T:
    """The answer's JSON as what it should be. Raises OutcomeUnknown when it is something else."""
    try:
        return kind.validate_json(answer.content)
    except ValidationError:
        raise OutcomeUnknown(
            "The adapter's answer could not be read.",
            hint="Check its address; adapter and client may also be of different versions.",
        ) from None


def _error(answer: httpx.Response) -> StatusError:
    try:
        body = answer.json()
    except ValueError:
        body = None
    wait = answer.headers.get("Retry-After", "")
    return from_body(answer.status_code, body, float(wait) if wait.isdigit() else None)
