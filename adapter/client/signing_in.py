"""The calls to sign in and out, and to see oneself."""

from __future__ import annotations

from typing import Literal

import httpx
from pydantic import SecretStr, TypeAdapter

from adapter.client.calls import Calls, refusal, typed, unreachable
from adapter.model.signing_in import (
    AppRoleLogin,
    AuthMethod,
    Me,
    OidcLogin,
    OidcStarted,
    PasswordLogin,
    SignedIn,
    TokenLogin,
)
from adapter.model.wire import Health

_METHODS = TypeAdapter(list[AuthMethod])
_HEALTH = TypeAdapter(Health)


class SigningIn(Calls):
    async def auth_methods(self) -> list[AuthMethod]:
        """The ways to sign in that are offered."""
        return typed(_METHODS, await self._send("GET", "auth/methods"))

    async def login(
        self,
        username: str,
        password: SecretStr,
        *,
        method: Literal["userpass", "ldap"] = "userpass",
        mount: str | None = None,
    ) -> SignedIn:
        """Sign in with a user name and password. Raises NotSignedIn when refused."""
        return await self._sign_in(PasswordLogin(method=method, username=username, password=password, mount=mount))

    async def login_with_token(self, token: SecretStr) -> SignedIn:
        """Sign in with a Vault token, such as the one `bao login` left."""
        return await self._sign_in(TokenLogin(method="token", token=token))

    async def login_with_approle(self, role_id: str, secret_id: SecretStr, *, mount: str | None = None) -> SignedIn:
        """Sign in as a component, with a role id and a secret id."""
        return await self._sign_in(AppRoleLogin(method="approle", role_id=role_id, secret_id=secret_id, mount=mount))

    async def begin_oidc(self, redirect_uri: str, client_nonce: SecretStr, *, mount: str | None = None) -> OidcStarted:
        """Where the person signs in with OpenID Connect; the provider sends code and state to `redirect_uri`."""
        body = OidcLogin(method="oidc", redirect_uri=redirect_uri, client_nonce=client_nonce, mount=mount)
        return await self._call("POST", "auth/login", OidcStarted, body=body)

    async def end_oidc(
        self, state: str, code: SecretStr, client_nonce: SecretStr, *, mount: str | None = None
    ) -> SignedIn:
        """Sign in with what the provider sent."""
        return await self._sign_in(
            OidcLogin(method="oidc", state=state, code=code, client_nonce=client_nonce, mount=mount)
        )

    async def _sign_in(self, body: PasswordLogin | TokenLogin | AppRoleLogin | OidcLogin) -> SignedIn:
        session = await self._call("POST", "auth/login", SignedIn, body=body)
        self._token = session.token
        return session

    async def renew(self) -> Me:
        """Let the token live on. Raises Invalid for one that cannot be renewed."""
        return await self._call("POST", "auth/renew", Me)

    def use(self, token: SecretStr) -> None:
        """Go on with a token that is somebody's already; whether the vault accepts it shows at the first call."""
        self._token = token

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
        """The adapter's and the vault's condition, also of a vault that does not work (the answer is a 503 then)."""
        try:
            answer = await self._http.request("GET", "health")
        except httpx.TransportError as error:
            raise unreachable(error) from None
        if answer.status_code not in (200, 503):
            raise refusal(answer)
        return typed(_HEALTH, answer)
