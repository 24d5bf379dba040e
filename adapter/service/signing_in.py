"""Sign in with each of the ways that there are, renew, sign out, see oneself."""

from __future__ import annotations

from dataclasses import replace

from pydantic import SecretStr

from adapter.errors import FieldProblem, Invalid, NotAllowed, NotFound, NotSignedIn
from adapter.model.records import iso, parse_time
from adapter.model.signing_in import (
    LOOPBACK_REDIRECT,
    AppRoleLogin,
    Me,
    OidcLogin,
    OidcStarted,
    PasswordLogin,
    SignedIn,
    TokenLogin,
)
from adapter.service.app import Act
from adapter.service.identity import Identity
from adapter.vault import oidc, tokens


async def sign_in(act: Act, login: PasswordLogin | TokenLogin | AppRoleLogin | OidcLogin) -> SignedIn | OidcStarted:
    """A token and what it is good for; for the first step of OpenID Connect, where to go. Raises NotSignedIn."""
    match login:
        case PasswordLogin():
            token = await _by_password(act, login)
        case AppRoleLogin():
            token = await _by_role_id(act, login)
        case OidcLogin(code=None):
            return await _to_provider(act, login)
        case OidcLogin():
            token = await _from_provider(act, login)
        case TokenLogin():
            token = tokens.check_token(login.token)
    caller = replace(act.session.caller, token=token)
    identity = await act.services.act(caller).identity()
    return SignedIn(token=token, **_about(identity))


async def _by_password(act: Act, login: PasswordLogin) -> SecretStr:
    usual = act.services.vault.userpass_mount if login.method == "userpass" else login.method
    auth = await tokens.login_userpass(act.session, login.username, login.password, login.mount or usual)
    return SecretStr(auth.client_token)


async def _by_role_id(act: Act, login: AppRoleLogin) -> SecretStr:
    mount = login.mount or act.services.vault.approle_mount
    try:
        auth = await tokens.login_approle(act.session, login.role_id, login.secret_id, mount)
    except (Invalid, NotAllowed, NotFound, NotSignedIn):
        raise NotSignedIn(
            "The role id or the secret id is wrong, or the secret id has ended.",
            hint="An ADMIN can hand out a new secret id.",
        ) from None
    return SecretStr(auth.client_token)


async def _to_provider(act: Act, login: OidcLogin) -> OidcStarted:
    url, state = await oidc.auth_url(
        act.session,
        login.mount or login.method,
        role=login.role,
        redirect_uri=login.redirect_uri or LOOPBACK_REDIRECT,
        client_nonce=login.client_nonce,
    )
    return OidcStarted(auth_url=url, state=state)


async def _from_provider(act: Act, login: OidcLogin) -> SecretStr:
    if not login.state or login.code is None:
        raise Invalid("state: This field is required.", fields=[FieldProblem("state", "This field is required.")])
    once = act.services.act(replace(act.session.caller, counted=True))
    auth = await oidc.callback(
        once.session,
        login.mount or login.method,
        state=login.state,
        code=login.code,
        client_nonce=login.client_nonce,
    )
    return SecretStr(auth.client_token)


async def renew(act: Act) -> Me:
    """Let the caller's token live on. Raises Invalid for one that cannot be renewed."""
    await tokens.renew_self(act.session)
    return await me(act)


async def sign_out(act: Act) -> None:
    """Revoke the caller's token. Raises NotSignedIn when it is none."""
    act.services.identities.forget(act.session.caller.token)
    await tokens.revoke_self(act.session)


async def me(act: Act) -> Me:
    act.services.identities.forget(act.session.caller.token)
    return Me(**_about(await act.identity()))


def _about(identity: Identity) -> dict[str, object]:
    ends = parse_time(identity.expires_at) if identity.expires_at else None
    return {
        "name": identity.name,
        "expires_at": iso(ends) if ends else None,
        "roles": {scope: str(role) for scope, role in sorted(identity.roles.items())},
        **({"notice": identity.notice} if identity.notice else {}),
    }
