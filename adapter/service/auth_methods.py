"""The ways to sign in that a server offers: those that it shows to everybody, and those that the settings name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from adapter.model.signing_in import AuthMethod
from adapter.service.app import Act
from adapter.vault import auth_methods

Method = Literal["userpass", "ldap", "token", "approle", "oidc"]

METHOD_OF: dict[str, Method] = {
    "userpass": "userpass",
    "ldap": "ldap",
    "radius": "ldap",
    "okta": "ldap",
    "oidc": "oidc",
    "jwt": "oidc",
    "approle": "approle",
}
"""The method of our sign-in for a type of the vault: RADIUS and Okta take what LDAP takes, `jwt` is `oidc` as well."""


async def offered(act: Act) -> list[AuthMethod]:
    """Each place once: what the settings name, in their order, then what the server shows; a token always works.

    Without the setting: user names first, what the server shows, then AppRole.
    """
    vault = act.services.vault
    first = list(_parsed(act.services.auth_methods or (f"userpass:{vault.userpass_mount}",)))
    last = list(_parsed(() if act.services.auth_methods else (f"approle:{vault.approle_mount}",)))
    seen = {method.mount for method in (*first, *last)}
    shown = [
        AuthMethod(method=METHOD_OF[mount.type], mount=path, type=mount.type, description=mount.description)
        for path, mount in sorted((await auth_methods.visible(act.session)).items())
        if mount.type in METHOD_OF and path not in seen
    ]
    return [*first, *shown, *last, AuthMethod(method="token", type="token")]


def _parsed(texts: Iterable[str]) -> Iterator[AuthMethod]:
    """`ldap` or `ldap:corp/people`: a type, and where it is mounted when not at its own name."""
    for text in texts:
        kind, _, mount = text.partition(":")
        yield AuthMethod(method=METHOD_OF[kind], mount=mount or kind, type=kind)
