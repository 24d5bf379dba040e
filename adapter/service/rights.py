"""The acts of which one can ask "may I?", and what Vault must grant for each.

The names follow the rows of docs/roles.md. An act is allowed when every path that it touches grants what it does there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from adapter.model.address import GLOBAL, Address, Scope
from adapter.model.roles import Role, parse_policy_name
from adapter.provision.plan import group_policies
from adapter.vault.evaluation import capabilities
from adapter.vault.policies import Layout, Rule, admin_rules, role_rules
from adapter.vault.session import ServerKind

DATA, METADATA, KEYS = "{mount}/data/{secret}", "{mount}/metadata/{secret}", "{keys}/{scope}"


@dataclass(frozen=True, slots=True)
class Need:
    """`words`: the act as a refusal names it. `asks`: each path, and the capabilities that it takes there."""

    words: str
    asks: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def has_place(self) -> bool:
        """Whether the act is one on a secret, or within a scope."""
        return any("{s" in path for path, _ in self.asks)


def _need(words: str, *asks: tuple[str, str]) -> Need:
    return Need(words, tuple((path, tuple(words.split())) for path, words in asks))


ACTS: dict[str, Need] = {
    "view": _need("Viewing secrets", (METADATA, "read")),
    "history": _need("Viewing the history of secrets", (METADATA, "read")),
    "export": _need("Exporting the metadata of secrets", (METADATA, "read")),
    "create": _need("Creating secrets", (METADATA, "create patch"), (DATA, "create")),
    "update": _need("Changing secrets", (METADATA, "patch"), (DATA, "update")),
    "edit": _need("Changing secrets", (METADATA, "patch")),
    "roll_back": _need("Rolling back", (METADATA, "patch"), (DATA, "update")),
    "rename": _need("Renaming secrets", (METADATA, "create patch"), (DATA, "create update")),
    "move": _need("Moving secrets", (METADATA, "create patch delete"), (DATA, "create update read")),
    "delete_version": _need("Deleting versions", ("{mount}/delete/{secret}", "update")),
    "undelete_version": _need("Undeleting versions", ("{mount}/undelete/{secret}", "update")),
    "destroy_version": _need("Destroying versions", ("{mount}/destroy/{secret}", "update")),
    "delete": _need("Deleting secrets", (METADATA, "delete")),
    "use": _need("Reading the value of secrets", (DATA, "read")),
    "wrap": _need("Wrapping the value of secrets", (DATA, "read")),
    "encrypt": _need("Encrypting", (f"{KEYS}/encrypt/*", "update")),
    "rewrap": _need("Rewrapping", (f"{KEYS}/rewrap/*", "update")),
    "decrypt": _need("Decrypting", (f"{KEYS}/decrypt/*", "update")),
    "manage_keys": _need("Making and rotating keys", (f"{KEYS}/keys/*", "update"), (f"{KEYS}/keys/*/rotate", "update")),
    "see_access": _need("Seeing who can do what", ("identity/group/name", "list")),
    "audit": _need("Seeing all audit events", ("sys/audit", "read")),
    "manage": _need(
        "Managing scopes, grants and components",
        ("identity/group/name/status-*", "update"),
        ("sys/policies/acl/status-*", "update"),
    ),
    "operate": _need("Backing up, restoring and provisioning", ("sys/mounts/{mount}", "update")),
}

USES = frozenset({"use", "wrap", "decrypt"})
"""What shows a value: for components, and for people as ADMIN only."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act would be: a secret, or any secret of a scope; neither for an act on no secret."""

    scope: Scope | None
    secret: str = ""

    @classmethod
    def of_scope(cls, scope: Scope) -> Place:
        return cls(scope, f"{scope}/*")

    @classmethod
    def of_secret(cls, address: Address) -> Place:
        return cls(address.scope, address.path)


def asked(need: Need, place: Place, layout: Layout) -> list[tuple[str, set[str]]]:
    """The paths of the vault that decide about an act, each with what it takes there."""
    names = {"mount": layout.mount, "keys": layout.keys, "scope": str(place.scope or "-"), "secret": place.secret}
    return [(path.format(**names), set(words)) for path, words in need.asks]


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody's groups grant them, by the policies that provisioning writes."""

    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, policies: Iterable[str], server: ServerKind, layout: Layout, near: Scope | None) -> Held:
        """`near`: the scope that is asked about, as ADMIN's rules repeat those of each scope."""
        rules: list[Rule] = []
        for name in policies:
            role, scope = parse_policy_name(name) or (None, None)
            if role is Role.ADMIN:
                rules.extend(admin_rules({GLOBAL, *([near] if near else [])}, server, layout))
            elif role is not None and scope is not None:
                rules.extend(role_rules(role, scope, server, layout))
        return cls(tuple(rules))

    def may(self, need: Need, place: Place, layout: Layout) -> bool:
        return all(words <= capabilities(self.rules, path) for path, words in asked(need, place, layout))


def would_allow(
    need: Need, place: Place, candidates: Iterable[Role], server: ServerKind, layout: Layout
) -> tuple[Role, Scope | None] | None:
    """The lowest grant of the candidates that allows an act there; None when none does."""
    for role in candidates:
        scope = None if role is Role.ADMIN else place.scope
        if role is not Role.ADMIN and scope is None:
            continue
        held = Held.of(group_policies(role, scope), server, layout, place.scope)
        if held.may(need, place, layout):
            return role, scope
    return None
