"""Roles, and the names of the Vault policies and identity groups that carry them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from adapter.model.address import Scope

ADMIN_POLICY = "status-admin"

COMPONENT_POLICY = "status-component"
"""What every component may with its own token. It stands in place of `default`, which has templates: a server reads
those anew for each request, a third of all that a value's read costs it."""

FORWARD_POLICY = "status-forward"
"""The policy of a forwarder, which sends the vault's log to an adapter."""

JWT_ADMIN_ROLE = "status-account-admin"
"""The token role through which a STATUS account becomes ADMIN, where that was provisioned."""

JWT_ADMIN_POLICY = "status-adapter-jwt-admin"
"""The policy that lets the adapter's own identity mint through it."""


class Role(StrEnum):
    """What a person may be in a scope, lowest right first; `USE` is a component's."""

    USER = "USER"
    DEVELOPER = "DEVELOPER"
    ADMIN = "ADMIN"
    USE = "USE"


_SCOPED = {"status-user-": Role.USER, "status-developer-": Role.DEVELOPER, "status-use-": Role.USE}
_RANK = {Role.USE: 0, Role.USER: 1, Role.DEVELOPER: 2, Role.ADMIN: 3}


def policy_name(role: Role, scope: Scope | None = None) -> str:
    """The policy, and identity group, of a role in a scope: `status-developer-environment-production`."""
    if role is Role.ADMIN:
        return ADMIN_POLICY
    if scope is None:
        raise ValueError("a role other than ADMIN is held in a scope")
    return f"status-{role.lower()}-{scope.slug}"


def act_policy_name(scope: Scope) -> str:
    """The policy of an act token that copies values within `scope`."""
    return f"status-act-{scope.slug}"


def act_move_policy_name(scope: Scope) -> str:
    """The policy of an act token that carries an entry's settings, destroys and removes within `scope`."""
    return f"status-act-move-{scope.slug}"


def parse_policy_name(name: str) -> tuple[Role, Scope | None] | None:
    """The inverse of `policy_name`; None for every other policy."""
    if name == ADMIN_POLICY:
        return Role.ADMIN, None
    for prefix, role in _SCOPED.items():
        if name.startswith(prefix):
            scope = Scope.from_slug(name.removeprefix(prefix))
            return (role, scope) if scope else None
    return None


def held_roles(policies: Iterable[str]) -> dict[str, Role]:
    """The highest role in each scope that a token's policies stand for; ADMIN's key is `*`."""
    held: dict[str, Role] = {}
    for name in policies:
        parsed = parse_policy_name(name)
        if parsed is None:
            continue
        role, scope = parsed
        key = str(scope) if scope else "*"
        if key not in held or _RANK[role] > _RANK[held[key]]:
            held[key] = role
    return held
