"""Sign in, sign out, see oneself."""

from __future__ import annotations

from dataclasses import replace

from pydantic import SecretStr

from adapter.model.records import iso, parse_time
from adapter.model.wire import Me, SignedIn, TokenLogin, UserpassLogin
from adapter.service.app import Act
from adapter.service.identity import Identity
from adapter.vault import tokens


async def sign_in(act: Act, login: UserpassLogin | TokenLogin) -> SignedIn:
    """A token and what it is good for. Raises NotSignedIn."""
    if isinstance(login, UserpassLogin):
        mount = login.mount or act.services.vault.userpass_mount
        auth = await tokens.login_userpass(act.session, login.username, login.password, mount)
        token = SecretStr(auth.client_token)
    else:
        token = tokens.check_token(login.token)
    caller = replace(act.session.caller, token=token)
    identity = await act.services.act(caller).identity()
    return SignedIn(token=token, **_about(identity))


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
    }
