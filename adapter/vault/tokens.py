"""Signing in and out, and what a token is: the `auth/` calls."""

from __future__ import annotations

from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from adapter.vault.answers import Auth, TokenInfo, decode_auth, decode_data
from adapter.vault.problems import not_signed_in
from adapter.vault.session import VaultSession

TOKEN_LENGTH = 4096


async def login_userpass(session: VaultSession, username: str, password: SecretStr, mount: str) -> Auth:
    """A token for a user name and password; the same call for userpass, LDAP, RADIUS and Okta.

    Raises NotSignedIn when they do not fit, without saying which.
    """
    wrong = NotSignedIn(
        "The user name or the password is wrong.",
        hint="After five wrong passwords the vault locks an account for a while.",
    )
    if not username or not username.isprintable() or len(username) > 200 or "/" in username or ".." in username:
        raise wrong
    try:
        _, content = await session.send(
            "POST", "auth", mount, "login", username, body={"password": password.get_secret_value()}
        )
    except (Invalid, NotAllowed, NotFound, NotSignedIn):
        raise wrong from None
    return decode_auth(content)


async def login_approle(session: VaultSession, role_id: str, secret_id: SecretStr, mount: str) -> Auth:
    """A token for a role id and secret id. Raises Invalid or NotAllowed when the vault refuses them."""
    if not role_id or not secret_id.get_secret_value():  # OpenBao calls this an error of its own
        raise Invalid("The role id or the secret id is empty.", hint="Send both.")
    body = {"role_id": role_id, "secret_id": secret_id.get_secret_value()}
    _, content = await session.send("POST", "auth", mount, "login", body=body)
    return decode_auth(content)


async def mint(session: VaultSession, role: str, body: dict[str, object]) -> Auth:
    """A token through a token role. Raises NotAllowed for what the caller's policy, Invalid for what the role bars."""
    _, content = await session.send("POST", "auth/token/create", role, body=body)
    return decode_auth(content)


def check_token(token: SecretStr) -> SecretStr:
    """The token unchanged when it can be one. Raises NotSignedIn for what could not stand in a header."""
    text = token.get_secret_value()
    if not text.isascii() or not text.isprintable() or len(text) > TOKEN_LENGTH:
        raise not_signed_in()
    return token


async def lookup_self(session: VaultSession) -> TokenInfo:
    """What the caller's token is. Raises NotSignedIn for one that Vault does not accept."""
    try:
        _, content = await session.send("GET", "auth/token/lookup-self")
    except NotAllowed:
        raise NotSignedIn(
            "This token may not even look itself up, so it holds no STATUS role.",
            hint="Use a token with the default policy, or sign in with a user name.",
        ) from None
    return decode_data(content, TokenInfo)


async def renew_self(session: VaultSession) -> None:
    """Let the caller's token live on, up to its longest life. Raises Invalid for one that cannot be renewed."""
    try:
        await session.send("POST", "auth/token/renew-self", body={})
    except Invalid:
        raise Invalid("This token cannot be renewed.", hint="Sign in again when it ends.") from None


async def revoke_self(session: VaultSession) -> None:
    await session.send("POST", "auth/token/revoke-self")


async def capabilities(session: VaultSession, paths: list[str]) -> dict[str, set[str]]:
    """What the caller's token may do at each path, by Vault's own word; `deny` or nothing for what it may not."""
    _, content = await session.send("POST", "sys/capabilities-self", body={"paths": paths})
    found = decode_data(content, dict[str, object])
    return {path: set(words) if isinstance(words := found.get(path), list) else set() for path in paths}
