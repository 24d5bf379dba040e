"""Who calls: the token, the reason and the client's name of one HTTP request."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from pydantic import SecretStr

from adapter.api.forwarded import client_address
from adapter.errors import NotSignedIn
from adapter.model.records import check_reason
from adapter.service.app import Act, Services
from adapter.vault.session import Caller
from adapter.vault.tokens import check_token

_CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/+-]{0,63}")


def _token(request: Request) -> SecretStr:
    """`X-Vault-Token`, else `Authorization: Bearer …`; empty when there is none."""
    token = request.headers.get("X-Vault-Token", "")
    if not token:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        token = rest.strip() if scheme.lower() == "bearer" else ""
    return check_token(SecretStr(token))


def _reason(request: Request) -> str:
    """The header's UTF-8: HTTP libraries hand it over as Latin-1."""
    raw = request.headers.get("X-Status-Reason", "")
    try:
        return check_reason(raw.encode("latin-1").decode())
    except UnicodeError:
        return check_reason(raw)


def anyone(request: Request) -> Act:
    """A caller who need not be signed in."""
    services: Services = request.app.state.services
    client = request.headers.get("X-Status-Client", "")
    return services.act(
        Caller(
            _token(request),
            reason=_reason(request),
            client=client if _CLIENT.fullmatch(client) else "api",
            address=client_address(request, request.app.state.trusted_proxies),
        )
    )


def signed_in(request: Request) -> Act:
    """A caller with a token, whatever it is worth: Vault decides. Raises NotSignedIn."""
    act = anyone(request)
    if not act.session.caller.token.get_secret_value():
        raise NotSignedIn("This call needs a token.", hint="Sign in, and send it as Authorization: Bearer …")
    return act


Anyone = Annotated[Act, Depends(anyone)]
SignedInAct = Annotated[Act, Depends(signed_in)]


def with_reason(act: Act, reason: str | None) -> Act:
    """The body's reason wins over the header's. Raises Invalid."""
    if reason is None:
        return act
    caller = replace(act.session.caller, reason=check_reason(reason))
    return act.services.act(caller)
