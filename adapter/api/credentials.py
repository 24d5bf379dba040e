"""Where a caller's token stands in an HTTP request, and which of the two kinds it is."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from pydantic import SecretStr

from adapter.errors import NotAllowed
from adapter.service.platform_jwt import is_jwt

COOKIE = "accessToken"
UNCHANGING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """`token` empty: none. `of_status`: a JSON Web Token of the STATUS platform, else a token of the vault."""

    token: SecretStr
    of_status: bool = False


def vault_token(request: Request) -> SecretStr:
    """`X-Vault-Token`, else `Authorization: Bearer …`; empty when there is none."""
    return SecretStr(request.headers.get("X-Vault-Token") or _bearer(request))


def credentials(request: Request) -> Credentials:
    """The first there is of `X-Vault-Token`, `Authorization: Bearer …`, `x-access-token`, the cookie `accessToken`.

    A browser sends a cookie along with requests of any page, so what it changes is checked for where it comes from.
    Raises NotAllowed.
    """
    if token := request.headers.get("X-Vault-Token"):
        return Credentials(SecretStr(token))
    if token := _bearer(request):
        return Credentials(SecretStr(token), is_jwt(token))
    if token := request.headers.get("X-Access-Token"):
        return Credentials(SecretStr(token), True)
    if token := request.cookies.get(COOKIE):
        if request.method not in UNCHANGING:
            _check_origin(request)
        return Credentials(SecretStr(token), True)
    return Credentials(SecretStr(""))


def _bearer(request: Request) -> str:
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else ""


def _check_origin(request: Request) -> None:
    """Refuse what another site's page can make a browser send (cross-site request forgery)."""
    if request.headers.get("Origin") not in request.app.state.allowed_origins:
        raise NotAllowed(
            "A change with the cookie must come from a page of an allowed origin.",
            hint="Set STATUS_ALLOWED_ORIGINS, or send the token as Authorization: Bearer …",
        )
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise NotAllowed(
            "A change with the cookie must be JSON.", hint="Send Content-Type: application/json, with {} for no fields."
        )
