"""The Vault policies of STATUS's roles, from (role, scope, server) to text: pure, with golden files in the tests.

Vault gives a path the rules of its most specific pattern only. A person may hold several roles, so where ADMIN's
patterns would lose against those of another role, ADMIN's policy repeats them, scope by scope.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from adapter.model.address import Scope
from adapter.model.roles import JWT_ADMIN_ROLE, Role
from adapter.model.temporary import PREFIX as TEMPORARY
from adapter.vault.session import ServerKind

SEAL_KEY = "log"
"""The key in the sealing mount."""

SCOPES_FOLDER = ".scopes"
"""Where the mount keeps one metadata-only entry a scope: a scope is there when its entry is."""

SHORTENS_HISTORY = ("cas_required", "delete_version_after", "max_versions", "metadata_cas_required")
"""What no DEVELOPER may set in an entry's metadata."""

ALL = ("create", "delete", "list", "patch", "read", "scan", "update")

KEY_TYPE = "aes256-gcm96"
"""The one kind of encryption key that anybody may make: AES-256-GCM, random nonces of 96 bits."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where STATUS's mounts are on a server; `userpass` None: ADMIN manages no user names there."""

    mount: str = "status"
    userpass: str | None = "userpass"
    approle: str = "status-approle"

    @property
    def keys(self) -> str:
        return keys_prefix(self.mount)

    @property
    def seal(self) -> str:
        return seal_mount(self.mount)


def keys_prefix(mount: str) -> str:
    """Below which each scope has a Transit mount for its encryption keys: `status-keys/environment/production`."""
    return f"{mount}-keys"


def seal_mount(mount: str) -> str:
    """The Transit mount of the key that seals the audit log: `status-seal`."""
    return f"{mount}-seal"


def forward_path(mount: str) -> str:
    """Nothing is there: who may update it, by the vault's word, may send an adapter lines of the log."""
    return f"{mount}-forward/lines"


@dataclass(frozen=True, slots=True)
class Rule:
    """`allowed`: the only parameters that a request may have, each with the values that it may take."""

    path: str
    capabilities: tuple[str, ...]
    denied: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    allowed: tuple[tuple[str, tuple[str, ...]], ...] = ()


def render(title: str, rules: Iterable[Rule], server: ServerKind) -> str:
    """Policy text. HashiCorp Vault's parser knows no `scan`, so it is left out there."""
    blocks = [f"# {title}"]
    for rule in rules:
        words = [word for word in rule.capabilities if word != "scan" or server is ServerKind.OPENBAO]
        lines = [f"path {json.dumps(rule.path)} {{", f"  capabilities = {json.dumps(sorted(words))}"]
        if rule.required:
            lines.append(f"  required_parameters = {json.dumps(list(rule.required))}")
        if rule.allowed:
            lines.append("  allowed_parameters = {")
            lines.extend(f"    {json.dumps(name)} = {json.dumps(list(values))}" for name, values in rule.allowed)
            lines.append("  }")
        if rule.denied:
            lines.append("  denied_parameters = {")
            lines.extend(f"    {json.dumps(name)} = []" for name in rule.denied)
            lines.append("  }")
        blocks.append("\n".join([*lines, "}"]))
    return "\n\n".join(blocks) + "\n"


def role_policy(role: Role, scope: Scope, server: ServerKind, layout: Layout) -> str:
    """The policy of USER, DEVELOPER or USE in one scope."""
    return render(f"STATUS Secrets: {role} in {scope}.", role_rules(role, scope, server, layout), server)


def role_rules(role: Role, scope: Scope, server: ServerKind, layout: Layout) -> list[Rule]:
    """What the policy of USER, DEVELOPER or USE in one scope says."""
    rules = {Role.USER: _user, Role.DEVELOPER: _developer, Role.USE: _use}[role](scope, server, layout.mount)
    return [*rules, *_keys(role, scope, layout.keys)]


def act_policy(scope: Scope, server: ServerKind, layout: Layout) -> str:
    """What an act token may: copy versions within one scope for somebody who may not read them."""
    mount = layout.mount
    rules = [Rule(f"{mount}/data/{scope}/*", ("create", "read", "update"))]
    return render(f"STATUS Secrets: acts on someone's behalf in {scope}.", rules, server)


def temporary_policy(title: str, mount: str, path: str) -> str:
    """What a token of temporary access may: read one secret, whose path is no pattern, and give itself back."""
    rules = [
        Rule(f"{mount}/data/{path}", ("read",)),
        Rule("auth/token/lookup-self", ("read",)),
        Rule("auth/token/revoke-self", ("update",)),
    ]
    return render(title.removeprefix("# "), rules, ServerKind.OPENBAO)


def freezing_policy(scope: Scope) -> str:
    """Grants nothing: what stands in a scope's policies while it is retired."""
    return f"# STATUS Secrets: {scope} is being retired.\n"


def act_move_policy(scope: Scope, server: ServerKind, layout: Layout) -> str:
    """What the last tokens of a rename may: carry an entry's settings, destroy versions, remove the old place.

    Before that, end the temporary access that is bound to the old name: whoever renames may not do so themselves. It
    writes no `custom_metadata`, and it reads no value.
    """
    mount = layout.mount
    rules = [
        Rule(f"{mount}/metadata/{scope}/*", ("delete", "patch"), denied=("custom_metadata",)),
        Rule(f"{mount}/destroy/{scope}/*", ("update",)),
        Rule("sys/policies/acl", ("list",)),
        Rule(f"sys/policies/acl/{TEMPORARY}*", ("delete",)),
    ]
    return render(f"STATUS Secrets: ends a rename on someone's behalf in {scope}.", rules, server)


def admin_policy(scopes: Iterable[Scope], server: ServerKind, layout: Layout) -> str:
    """Everything on STATUS's mount and what manages it; as good as root on a server shared with others."""
    return render("STATUS Secrets: ADMIN.", admin_rules(scopes, server, layout), server)


def admin_rules(scopes: Iterable[Scope], server: ServerKind, layout: Layout) -> list[Rule]:
    """What ADMIN's policy says, on a server with those scopes."""
    scopes = sorted(scopes)
    everything = Rule(f"{layout.mount}/*", ALL)
    keys = [rule for scope in scopes for rule in _keys(Role.ADMIN, scope, layout.keys)]
    in_scopes = [
        Rule(path, ALL)
        for scope in scopes
        for path in sorted(
            {rule.path for rules in (_user, _developer, _use) for rule in rules(scope, server, layout.mount)}
        )
    ]
    return [everything, *in_scopes, *keys, *_management(layout)]


def adapter_policy(server: ServerKind, layout: Layout) -> str:
    """The adapter's own identity: its two token roles, STATUS accounts' entities, seals of the log; no secret."""
    rules = [
        _act_mint(),
        _account_mint("status-account"),
        Rule("identity/entity/name/account-*", ("read",)),
        Rule(f"{layout.seal}/sign/{SEAL_KEY}", ("update",)),
        Rule("auth/token/lookup-self", ("read",)),
        Rule("auth/token/revoke-self", ("update",)),
    ]
    return render("STATUS Secrets: the adapter's own identity.", rules, server)


def component_policy(server: ServerKind) -> str:
    """What every component may, whatever it was granted: know, renew and end its token, wrap and unwrap."""
    rules = [
        Rule("auth/token/lookup-self", ("read",)),
        Rule("auth/token/renew-self", ("update",)),
        Rule("auth/token/revoke-self", ("update",)),
        Rule("sys/capabilities-self", ("update",)),
        Rule("sys/wrapping/lookup", ("update",)),
        Rule("sys/wrapping/wrap", ("update",)),
        Rule("sys/wrapping/unwrap", ("update",)),
    ]
    return render("STATUS Secrets: what every component may with its own token.", rules, server)


def forward_policy(server: ServerKind, layout: Layout) -> str:
    """What a forwarder may: send lines of the vault's log to an adapter, and nothing in the vault."""
    rules = [
        Rule(forward_path(layout.mount), ("update",)),
        Rule("sys/capabilities-self", ("update",)),
        Rule("auth/token/lookup-self", ("read",)),
        Rule("auth/token/revoke-self", ("update",)),
    ]
    return render("STATUS Secrets: sending the audit log to an adapter.", rules, server)


def jwt_admin_policy(server: ServerKind) -> str:
    """What the adapter's identity has besides where a STATUS account may be ADMIN; it is then as good as one."""
    return render("STATUS Secrets: STATUS accounts that are ADMIN.", [_account_mint(JWT_ADMIN_ROLE)], server)


def _act_mint() -> Rule:
    """A token with an entity's alias would have that entity's rights, so nothing but what an act needs may be given."""
    needed = ("policies", "meta", "ttl", "num_uses", "display_name")
    return Rule(
        "auth/token/create/status-act", ("update",), required=needed, allowed=tuple((name, ()) for name in needed)
    )


def _account_mint(role: str) -> Rule:
    """An empty alias would pass the token role, and a token without an entity outlives its account's disabling."""
    needed = ("policies", "meta", "explicit_max_ttl", "display_name")
    return Rule(
        f"auth/token/create/{role}",
        ("update",),
        required=(*needed, "entity_alias"),
        allowed=(*((name, ()) for name in needed), ("entity_alias", ("account-*",))),
    )


def _user(scope: Scope, server: ServerKind, mount: str) -> list[Rule]:
    rules = [
        Rule(f"{mount}/metadata/{SCOPES_FOLDER}/{scope}", ("read",)),
        Rule(f"{mount}/metadata/{scope}/*", ("list", "read", "scan")),
    ]
    if server is ServerKind.OPENBAO:
        rules.append(Rule(f"{mount}/detailed-metadata/{scope}/*", ("list", "scan")))
    return rules


def _developer(scope: Scope, server: ServerKind, mount: str) -> list[Rule]:
    """`create` on metadata lets a secret's author and reason stand before its first value; it replaces nothing."""
    rules = [
        Rule(rule.path, (*rule.capabilities, "create", "patch"), denied=SHORTENS_HISTORY)
        if rule.path == f"{mount}/metadata/{scope}/*"
        else rule
        for rule in _user(scope, server, mount)
    ]
    return [
        *rules,
        Rule(f"{mount}/data/{scope}/*", ("create", "update")),
        Rule(f"{mount}/delete/{scope}/*", ("update",)),
        Rule(f"{mount}/undelete/{scope}/*", ("update",)),
    ]


def _use(scope: Scope, server: ServerKind, mount: str) -> list[Rule]:
    return [*_user(scope, server, mount), Rule(f"{mount}/data/{scope}/*", ("read",))]


def _keys(role: Role, scope: Scope, keys: str) -> list[Rule]:
    """The encryption keys of a scope. `keys/+`, not `keys/*`, which would take in `keys/NAME/config`: nobody, not
    even ADMIN, may make a key exportable, let it be deleted, or shorten its history.

    `encrypt` is without `create`, with which the server makes a key of whatever name it is asked for.
    """
    mount = f"{keys}/{scope}"
    changes = role in (Role.DEVELOPER, Role.ADMIN)
    works = role is not Role.USER
    reads = role in (Role.USE, Role.ADMIN)
    made_as = (("type", (KEY_TYPE,)),) if changes else ()
    return [
        Rule(f"{mount}/keys", ("list",)),
        Rule(f"{mount}/keys/+", ("read", "update") if changes else ("read",), allowed=made_as),
        *([Rule(f"{mount}/keys/+/rotate", ("update",))] if changes else []),
        *([Rule(f"{mount}/encrypt/+", ("update",)), Rule(f"{mount}/rewrap/+", ("update",))] if works else []),
        *([Rule(f"{mount}/decrypt/+", ("update",))] if reads else []),
    ]


def _management(layout: Layout) -> list[Rule]:
    write = ("create", "read", "update")
    own = ("create", "delete", "list", "read", "update")
    mounts = [mount for mount in (layout.userpass, layout.approle) if mount]
    auth = [Rule(f"sys/auth/{mount}{suffix}", (*write, "sudo")) for mount in mounts for suffix in ("", "/tune")]
    people = [
        Rule(f"auth/{layout.userpass}/users", ("list",)),
        Rule(f"auth/{layout.userpass}/users/*", own),
    ]
    return [
        Rule("sys/mounts", ("read",)),
        Rule(f"sys/mounts/{layout.mount}", write),
        Rule(f"sys/mounts/{layout.mount}/tune", write),
        Rule(f"sys/mounts/{layout.keys}/*", write),
        Rule(f"sys/mounts/{layout.seal}", write),
        Rule(f"{layout.seal}/keys/{SEAL_KEY}", write),
        Rule("sys/auth", ("read",)),
        *auth,
        *(people if layout.userpass else ()),
        Rule(f"auth/{layout.approle}/role", ("list",)),
        Rule(f"auth/{layout.approle}/role/*", own),
        Rule("auth/token/accessors", ("list", "sudo")),
        Rule("auth/token/lookup-accessor", ("update",)),
        Rule("auth/token/revoke-accessor", ("update",)),
        Rule("auth/token/create/status-temporary", ("update",), denied=("entity_alias", "id", "period")),
        Rule("auth/token/roles", ("list",)),
        Rule("auth/token/roles/status-*", own),
        Rule("sys/policies/acl", ("list",)),
        Rule("sys/policies/acl/status-*", own),
        Rule("identity/group/name", ("list",)),
        Rule("identity/group/name/*", ("read",)),
        Rule("identity/group/name/status-*", own),
        Rule("identity/group/id", ("list",)),
        Rule("identity/group/id/*", ("read",)),
        Rule("identity/entity", write),
        Rule("identity/entity/id/*", ("read",)),
        Rule("identity/entity/name/*", own),
        Rule("identity/entity-alias", write),
        Rule("identity/lookup/entity", ("create", "update")),
        Rule("sys/locked-users", ("read",)),
        Rule("sys/locked-users/+/unlock/*", ("create", "update")),
        Rule("sys/audit", ("read", "sudo")),
        Rule("sys/audit-hash/*", ("create", "update")),
        Rule("sys/audit/status", (*write, "sudo")),
        Rule("sys/config/auditing/request-headers", ("read", "sudo")),
        Rule("sys/config/auditing/request-headers/X-Status-*", (*write, "sudo")),
        Rule("sys/rotate/config", ("read", "update")),
        Rule("sys/key-status", ("read",)),
    ]
