"""What an account of the STATUS platform was granted: metadata of its entity, one key a scope.

The entity `account-<user_id>` is in no group: which role the account has in its scopes is the authority that its JWT
names, so its rights are those of the token minted for it and end with the JWT. A key of metadata takes no `.`, which a
scope may have: it is written `+`, which no scope has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapter.model.address import GLOBAL, Scope
from adapter.model.roles import Role

PREFIX = "scope_"
MOST_SCOPES = 60
"""The vault takes 64 keys."""


def entity_name(user_id: int | str) -> str:
    """The name of the account's entity, and of its alias on the token auth method."""
    return f"account-{user_id}"


def scope_key(scope: Scope) -> str:
    return f"{PREFIX}{scope.slug.replace('.', '+')}"


def scope_value(role: Role, note: str) -> str:
    """The role, then since when and by whom."""
    return f"{role} {note}"


def granted(metadata: Mapping[str, str]) -> dict[Scope, Role]:
    """The scopes that an entity's metadata grants, each with the highest role that the account may have there."""
    found: dict[Scope, Role] = {}
    for key, value in metadata.items():
        scope = Scope.from_slug(key.removeprefix(PREFIX).replace("+", ".")) if key.startswith(PREFIX) else None
        role = value.partition(" ")[0]
        if scope is not None and role in (Role.USER, Role.DEVELOPER):
            found[scope] = Role(role)
    return found


def roles_of(authority: Role, metadata: Mapping[str, str], default: Iterable[Scope]) -> dict[Scope, Role]:
    """The role in each scope of an account with that authority (USER or DEVELOPER); any makes it USER of `global` too.

    `default`: the scopes of an account that was granted none. The authority is held nowhere above what was granted.
    """
    scopes = granted(metadata) or dict.fromkeys(default, authority)
    held = {scope: Role.USER if Role.USER in (most, authority) else Role.DEVELOPER for scope, most in scopes.items()}
    return {GLOBAL: Role.USER} | held if held else {}
