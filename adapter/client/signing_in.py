"""The calls to sign in and out, and to see oneself."""

from __future__ import annotations

from pydantic import SecretStr

from adapter.client.calls import Calls
from adapter.model.wire import Health, Me, SignedIn, TokenLogin, UserpassLogin


class SigningIn(Calls):
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
        return await self._call("GET", "health", Health)
