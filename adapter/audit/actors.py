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
from adapter.model.temporary import PREFIX as TEMPORARY_POLICY

ADAPTER = "status-adapter"
"""The AppRole of the adapter's own identity, and its policy."""

ACT_POLICY = "status-act-"
CLAIM = "temporary-"
"""Before `person:NAME` in the actor's name, as long as the mint of the token for temporary access is not known: a
display name that somebody chose has no colon, so nothing else looks like it."""
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


@dataclass(frozen=True, slots=True)
class Standing:
    """Who made a request, the `role` that the token's policies give in its scope, and what the token looks like.

    `minted`: for somebody, of whom its mint tells: a STATUS account, or whoever has temporary access.
    """

    actor: Actor
    role: str = ""
    acting: bool = False
    minted: bool = False


def standing_of(auth: Auth | None, scope: str, layout: Layout) -> Standing:
    """All that a request's `auth` says. Without a scope the role is ADMIN or nothing."""
    if auth is None:
        return _NOBODYS
    metadata = auth.metadata or {}
    claims = (
        metadata.get("username", ""),
        metadata.get("role_name", ""),
        "user_id" in metadata,
        metadata.get("for", ""),
    )
    return _standing(auth.display_name, auth.policies or (), auth.entity_id, *claims, scope, layout)


@lru_cache(8192)
def _standing(
    display: str,
    policies: tuple[str, ...],
    entity: str,
    username: str,
    role: str,
    user_id: bool,
    given_to: str,
    scope: str,
    layout: Layout,
) -> Standing:
    actor = _actor(display, policies, entity, username, role, layout) if display or policies else NOBODY
    held = _roles(policies)
    role_here = Role.ADMIN if "*" in held else held.get(scope)
    acting = bool(policies) and all(policy.startswith(ACT_POLICY) for policy in policies)
    if given_to and policies and all(policy.startswith(TEMPORARY_POLICY) for policy in policies):
        return Standing(Actor(f"{CLAIM}{given_to}", Kind.TOKEN, entity), minted=True)
    of_account = user_id and display.startswith("token-")
    return Standing(actor, role_here.value if role_here else "", acting, of_account)


_NOBODYS = Standing(NOBODY)


@lru_cache(8192)
def _roles(policies: tuple[str, ...]) -> dict[str, Role]:
    return held_roles(policies)


def is_adapter(auth: Auth | None, approle: str) -> bool:
    """Whether this is the adapter's own identity: its AppRole's token, with its policy."""
    return (
        auth is not None
        and auth.display_name == approle
        and (auth.metadata or {}).get("role_name") == ADAPTER
        and ADAPTER in (auth.policies or ())
    )
