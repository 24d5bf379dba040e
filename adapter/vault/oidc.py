"""Signing in with OpenID Connect: the vault names the provider's page, then takes what that page sent back.

https://openbao.org/api-docs/auth/jwt/#oidc-authorization-url-request
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from adapter.vault.answers import Auth, decode_auth, decode_data
from adapter.vault.session import VaultSession


async def auth_url(
    session: VaultSession, mount: str, *, role: str | None, redirect_uri: str, client_nonce: SecretStr | None
) -> tuple[str, str]:
    """The provider's address for one sign-in, and the `state` in it. Raises Invalid where the mount has none."""
    body = {"redirect_uri": redirect_uri, "role": role or ""}
    if client_nonce is not None:
        body["client_nonce"] = client_nonce.get_secret_value()
    try:
        _, content = await session.send("POST", "auth", mount, "oidc/auth_url", body=body)
    except (Invalid, NotAllowed, NotFound, NotSignedIn):
        raise Invalid(
            "There is no sign-in with OpenID Connect there, or not with that role.",
            hint="Whoever runs the vault checks the auth method and its default_role.",
        ) from None
    url = str(decode_data(content, dict[str, object]).get("auth_url") or "")
    states = parse_qs(urlsplit(url).query).get("state", [])
    if not url or not states:
        raise Invalid.field(
            "redirectUri",
            "The vault does not send anybody back to this address after a sign-in.",
            hint="Its role's allowed_redirect_uris must have it; for programs: http://localhost:8250/oidc/callback",
        )
    return url, states[0]


async def callback(
    session: VaultSession, mount: str, *, state: str, code: SecretStr, client_nonce: SecretStr | None
) -> Auth:
    """A token for what the provider sent back. Raises NotSignedIn when it is of no sign-in that waits for it."""
    params = {"state": state, "code": code.get_secret_value()}
    if client_nonce is not None:
        params["client_nonce"] = client_nonce.get_secret_value()
    try:
        _, content = await session.send("GET", "auth", mount, "oidc/callback", params=params)
    except (Invalid, NotAllowed, NotFound, NotSignedIn):
        raise NotSignedIn(
            "The vault did not accept this sign-in: it took too long, was used already, or the provider refused.",
            hint="Begin it again.",
        ) from None
    return decode_auth(content)
