"""Who made a request: from Vault's own record (`auth`), never from what a caller may say about themselves.

A token made by `auth/token/create` carries whatever display name and metadata its maker chose, so of those the
metadata counts for nothing and the name is marked by Vault's prefix `token`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from adapter.audit.lines import Auth
from adapter.audit.paths import COMPONENT, Layout
from adapter.model.audit import ActorKind as Kind
from adapter.model.roles import Role, held_roles

ADAPTER = "status-adapter"
"""The AppRole of the adapter's own identity, and its policy."""

ACT_POLICY = "status-act-"
WRAPPING_POLICY = "response-wrapping"


@dataclass(frozen=True, slots=True)
class Actor:
    name: str
    kind: Kind
    entity: str = ""
    component: str = ""


NOBODY = Actor("unknown", Kind.UNKNOWN)


def actor_of(auth: Auth | None, layout: Layout) -> Actor:
    """The actor of a request."""
    if auth is None or not (auth.display_name or auth.policies):
        return NOBODY
    metadata = auth.metadata or {}
    claims = (metadata.get("username", ""), metadata.get("role_name", ""))
    return _actor(auth.display_name, auth.policies or (), auth.entity_id, *claims, layout)


@lru_cache(8192)
def _actor(display: str, policies: tuple[str, ...], entity: str, username: str, role: str, layout: Layout) -> Actor:
    if WRAPPING_POLICY in policies:
        return Actor(f"bearer of a token wrapped by {shown_name(display, layout)}", Kind.BEARER)
    if "root" in policies:
        return Actor("root", Kind.ROOT)
    if display == "token" or display.startswith("token-"):
        return Actor(display.removeprefix("token").removeprefix("-") or "token", Kind.TOKEN, entity)
    if display == layout.approle and role:
        if role == ADAPTER:
            return Actor(role, Kind.ADAPTER, entity)
        name = role.removeprefix(COMPONENT)
        return Actor(name, Kind.COMPONENT, entity, name)
    name = username if username and display.endswith(f"-{username}") else shown_name(display, layout)
    return Actor(name, Kind.PERSON if entity else Kind.TOKEN, entity)


def shown_name(display: str, layout: Layout) -> str:
    """A display name without the sign-in's mount, which Vault puts before it."""
    for mount in ("token", *layout.sign_ins):
        if display.startswith(f"{mount}-") and len(display) > len(mount) + 1:
            return display[len(mount) + 1 :]
    return display


@lru_cache(8192)
def _roles(policies: tuple[str, ...]) -> dict[str, Role]:
    return held_roles(policies)


def role_in(auth: Auth | None, scope: str) -> str:
    """The role that a token's policies give in a scope; without a scope, ADMIN or nothing."""
    if auth is None or not auth.policies:
        return ""
    roles = _roles(auth.policies)
    if "*" in roles:
        return Role.ADMIN.value
    held = roles.get(scope)
    return held.value if held else ""


def is_adapter(auth: Auth | None, approle: str) -> bool:
    """Whether this is the adapter's own identity: its AppRole's token, with its policy."""
    return (
        auth is not None
        and auth.display_name == approle
        and (auth.metadata or {}).get("role_name") == ADAPTER
        and ADAPTER in (auth.policies or ())
    )


def is_account_token(auth: Auth) -> bool:
    """Whether a token looks like one of a STATUS account; only its mint proves that it is one."""
    return auth.display_name.startswith("token-") and "user_id" in (auth.metadata or {})


def is_act_token(auth: Auth | None) -> bool:
    """Whether a token looks like one that acts for somebody; only its mint proves that it is one."""
    return auth is not None and bool(auth.policies) and all(p.startswith(ACT_POLICY) for p in auth.policies or ())
