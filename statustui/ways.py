"""The ways to sign in as a person chooses among them: a name, and the fields that each needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapter.model.signing_in import AuthMethod

USERPASS, LDAP, TOKEN, APPROLE, OIDC = "userpass", "ldap", "token", "approle", "oidc"

LABELS = {
    "userpass": "User name and password",
    "ldap": "User name and password (LDAP)",
    "radius": "User name and password (RADIUS)",
    "okta": "User name and password (Okta)",
    "oidc": "In the browser (OpenID Connect)",
    "jwt": "In the browser (OpenID Connect)",
    "approle": "AppRole",
    "token": "Vault token",
}

FIELDS: Mapping[str, tuple[str, ...]] = {
    USERPASS: ("username", "password"),
    LDAP: ("username", "password"),
    APPROLE: ("role_id", "secret_id"),
    TOKEN: ("token",),
    OIDC: (),
}
"""The fields of the form that a method needs; the last one is secret."""


@dataclass(frozen=True, slots=True)
class Way:
    """`key` tells it from the others; `mount` None: the method's usual place."""

    key: str
    method: str
    label: str
    mount: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        return FIELDS[self.method]


BY_PASSWORD = Way(USERPASS, USERPASS, LABELS[USERPASS])
BY_TOKEN = Way(TOKEN, TOKEN, LABELS[TOKEN])
USUAL = (BY_PASSWORD, BY_TOKEN)
"""What there is while nothing is known of the server, or when it cannot be asked."""


def ways(methods: Iterable[AuthMethod]) -> list[Way]:
    """What a server offers, in its order. Of several places of one method each but the first says which it is."""
    found: list[Way] = []
    for one in methods:
        label = LABELS.get(one.type, one.type)
        if any(way.method == one.method for way in found):
            found.append(Way(f"{one.method}:{one.mount}", one.method, f"{label} · {one.mount}", one.mount))
        else:
            named = f"{label} · {one.description}" if one.description and one.method != TOKEN else label
            found.append(Way(one.method, one.method, named, one.mount))
    return found or list(USUAL)
