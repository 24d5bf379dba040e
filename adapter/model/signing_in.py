"""The bodies of signing in and of seeing oneself, as docs/api.md has them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from adapter.model.wire import Answer, Revealed, Wire

MOUNT_PATH = r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,7}$"
"""Where an auth method may be mounted."""

LOOPBACK_REDIRECT = "http://localhost:8250/oidc/callback"
"""Where `bao login -method=oidc` waits for the provider's answer, and so do our own programs."""

Mount = Annotated[str | None, Field(pattern=MOUNT_PATH, max_length=255)]


class PasswordLogin(Wire):
    """A user name and password; `mount`: None for the method's usual one."""

    method: Literal["userpass", "ldap"]
    username: str
    password: Revealed
    mount: Mount = None


class TokenLogin(Wire):
    method: Literal["token"]
    token: Revealed


class AppRoleLogin(Wire):
    method: Literal["approle"]
    role_id: str
    secret_id: Revealed
    mount: Mount = None


class OidcLogin(Wire):
    """First `redirect_uri`, answered by `OidcStarted`; then what the provider sent there: `state` and `code`.

    `redirect_uri` None: `LOOPBACK_REDIRECT`.

    `client_nonce` is of the client's own choosing, the same in both steps: nobody else can end a sign-in begun with it.
    """

    method: Literal["oidc"]
    mount: Mount = None
    role: str | None = Field(None, max_length=255)
    redirect_uri: str | None = Field(None, max_length=2048)
    client_nonce: Revealed | None = None
    state: str | None = Field(None, max_length=2048)
    code: Revealed | None = None


Login = Annotated[PasswordLogin | TokenLogin | AppRoleLogin | OidcLogin, Field(discriminator="method")]


class OidcStarted(Answer):
    """Where the person signs in, and the `state` that the provider sends back with the code."""

    auth_url: str
    state: str


class Me(Answer):
    """Who is signed in: the name, until when (None: the token does not end), the role in each scope.

    `notice`, only where there is one: a sentence on why the roles are not what the person may expect.
    """

    name: str
    expires_at: str | None
    roles: dict[str, str]
    notice: str | None = None


class SignedIn(Me):
    token: Revealed


class AuthMethod(Answer):
    """A way to sign in: what `POST /auth/login` takes as `method` and `mount`, and the vault's own name of its type."""

    method: Literal["userpass", "ldap", "token", "approle", "oidc"]
    mount: str | None = None
    type: str
    description: str = ""
