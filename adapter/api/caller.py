"""Who calls: the token, the reason and the client's name of one HTTP request."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from pydantic import SecretStr

from adapter.api.credentials import credentials, vault_token
from adapter.api.forwarded import client_address
from adapter.errors import NotSignedIn
from adapter.model.records import check_reason
from adapter.service.app import Act, Services
from adapter.vault.session import Caller
from adapter.vault.tokens import check_token

_CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/+-]{0,63}")


def _reason(request: Request) -> str:
    """The header's UTF-8: HTTP libraries hand it over as Latin-1."""
    raw = request.headers.get("X-Status-Reason", "")
    if not raw:
        return ""
    try:
        return check_reason(raw.encode("latin-1").decode())
    except UnicodeError:
        return check_reason(raw)


def _caller(request: Request, token: SecretStr) -> Caller:
    client = request.headers.get("X-Status-Client", "")
    caller = Caller(
        check_token(token),
        reason=_reason(request),
        client=client if _CLIENT.fullmatch(client) else "api",
        address=client_address(request, request.app.state.trusted_proxies),
    )
    request.scope.setdefault("state", {})["request_id"] = caller.request_id
    return caller


async def anyone(request: Request) -> Act:
    """A caller who need not be signed in."""
    services: Services = request.app.state.services
    return services.act(_caller(request, vault_token(request)))


async def signed_in(request: Request) -> Act:
    """A caller with a token, whatever it is worth: Vault decides. Raises NotSignedIn.

    A STATUS account's calls are made with the vault token that was minted for it.
    """
    services: Services = request.app.state.services
    given = credentials(request)
    if not given.token.get_secret_value():
        raise NotSignedIn("This call needs a token.", hint="Sign in, and send it as Authorization: Bearer …")
    if not given.of_status:
        return services.act(_caller(request, given.token))
    if services.accounts is None:
        raise NotSignedIn(
            "STATUS accounts are not set up here.",
            hint="Whoever runs the adapter sets STATUS_JWT_SECRET, and gives it an identity of its own.",
        )
    caller = _caller(request, SecretStr(""))
    token = await services.accounts.token_for(given.token, caller)
    request.state.status_account = given.token, token
    return services.act(replace(caller, token=token))


def forget_account(request: Request) -> None:
    """The vault took the caller's token no more: a STATUS account's is exchanged anew at the next call."""
    services: Services = request.app.state.services
    exchanged = getattr(request.state, "status_account", None)
    if exchanged is not None and services.accounts is not None:
        services.accounts.forget(*exchanged)


Anyone = Annotated[Act, Depends(anyone)]
SignedInAct = Annotated[Act, Depends(signed_in)]


def with_reason(act: Act, reason: str | None) -> Act:
    """The body's reason wins over the header's. Raises Invalid."""
    if reason is None:
        return act
    caller = replace(act.session.caller, reason=check_reason(reason))
    return act.services.act(caller)
