"""Which steps bring a server to what is wanted, in the order in which they build on each other."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from adapter.errors import Invalid, NotFound
from adapter.model.address import GLOBAL, Address, Scope
from adapter.model.roles import (
    ADMIN_POLICY,
    COMPONENT_POLICY,
    FORWARD_POLICY,
    JWT_ADMIN_POLICY,
    JWT_ADMIN_ROLE,
    Role,
    act_move_policy_name,
    act_policy_name,
    policy_name,
)
from adapter.provision import steps
from adapter.provision.steps import Step
from adapter.provision.wanted import AUDITED_HEADERS, ROTATION_INTERVAL, Wanted
from adapter.vault import policies
from adapter.vault.kv import KvStore
from adapter.vault.policies import SCOPES_FOLDER, SEAL_KEY, Layout
from adapter.vault.scopes import existing_scopes
from adapter.vault.session import ServerKind, VaultSession

SCOPED_ROLES = (Role.USER, Role.DEVELOPER, Role.USE)
SCOPE_SETTINGS = {"type": "scope", "expired": "serve", "require_reason": "false"}


async def make_plan(session: VaultSession, wanted: Wanted) -> list[Step]:
    """Every step, whether or not it has something to do. Asks the server's kind and the scopes that it has."""
    server = await session.vault.kind()
    wanted = replace(wanted, people_mount=wanted.userpass_mount or await managed_userpass(session))
    there = await existing_scopes(KvStore(session))
    scopes = sorted({GLOBAL, *wanted.scopes, *there})
    return [
        *_audit(session, wanted, server),
        steps.mount(session, f"secrets engine {wanted.mount}/", f"sys/mounts/{wanted.mount}", "kv", {"version": "2"}),
        steps.kv_settings(session, wanted.mount, wanted.max_versions),
        *(step for scope in scopes for step in _policies(session, wanted.layout, scope, server)),
        _admin_policy(session, wanted.layout, scopes, server),
        steps.policy(session, "status-adapter", policies.adapter_policy(server, wanted.layout)),
        steps.policy(session, COMPONENT_POLICY, policies.component_policy(server)),
        steps.policy(session, FORWARD_POLICY, policies.forward_policy(server, wanted.layout)),
        *(step for scope in scopes for step in _groups(session, scope)),
        steps.group(session, ADMIN_POLICY, group_policies(Role.ADMIN, None)),
        _temporary_role(session),
        *_adapter_identity(session, wanted, server, await _jwt_admin(session, wanted)),
        *_log_seal(session, wanted.layout),
        *_userpass(session, wanted),
        *_own_server(session, wanted),
        *(_keys_mount(session, wanted.layout, scope) for scope in scopes),
        *(_scope_entry(session, scope) for scope in scopes),
    ]


async def make_scope_plan(session: VaultSession, scope: Scope) -> list[Step]:
    """The steps of one scope, on a server that is provisioned; its entry comes last, so then the rest is there."""
    server = await session.vault.kind()
    layout = await layout_of(session)
    scopes = sorted({GLOBAL, scope, *await existing_scopes(KvStore(session))})
    return [
        *_policies(session, layout, scope, server),
        _admin_policy(session, layout, scopes, server),
        *_groups(session, scope),
        _keys_mount(session, layout, scope),
        _scope_entry(session, scope),
    ]


async def make_admin_plan(session: VaultSession) -> list[Step]:
    """ADMIN's policy for the scopes that have an entry now."""
    scopes = sorted({GLOBAL, *await existing_scopes(KvStore(session))})
    return [_admin_policy(session, await layout_of(session), scopes, await session.vault.kind())]


async def layout_of(session: VaultSession) -> Layout:
    """Where STATUS's mounts are, on a server that is provisioned."""
    vault = session.vault
    return Layout(vault.mount, await managed_userpass(session), vault.approle_mount)


async def managed_userpass(session: VaultSession) -> str | None:
    """The auth method whose users ADMIN manages already, by the policy that says so; None for none."""
    now = await steps.read(session, "sys/policies/acl", ADMIN_POLICY)
    found = re.search(r'"auth/([^"/]+)/users/\*"', str((now or {}).get("policy", "")))
    return found[1] if found else None


def policy_names(scope: Scope) -> list[str]:
    """Every policy that exists for a scope's sake."""
    return [
        *(policy_name(role, scope) for role in SCOPED_ROLES),
        act_policy_name(scope),
        act_move_policy_name(scope),
    ]


def _policies(session: VaultSession, layout: Layout, scope: Scope, server: ServerKind) -> list[Step]:
    texts = {policy_name(role, scope): policies.role_policy(role, scope, server, layout) for role in SCOPED_ROLES}
    texts[act_policy_name(scope)] = policies.act_policy(scope, server, layout)
    texts[act_move_policy_name(scope)] = policies.act_move_policy(scope, server, layout)
    return [steps.policy(session, name, text) for name, text in texts.items()]


def _admin_policy(session: VaultSession, layout: Layout, scopes: list[Scope], server: ServerKind) -> Step:
    return steps.policy(session, ADMIN_POLICY, policies.admin_policy(scopes, server, layout))


def group_policies(role: Role, scope: Scope | None) -> list[str]:
    """The policies that a role's group gives: any role of a person is USER on `global` as well."""
    names = {policy_name(role, scope)}
    if role in (Role.USER, Role.DEVELOPER):
        names.add(policy_name(Role.USER, GLOBAL))
    return sorted(names)


def _groups(session: VaultSession, scope: Scope) -> list[Step]:
    return [steps.group(session, policy_name(role, scope), group_policies(role, scope)) for role in SCOPED_ROLES]


def _adapter_identity(session: VaultSession, wanted: Wanted, server: ServerKind, jwt_admin: bool) -> list[Step]:
    """The AppRole and its token roles, as narrow as "Acting for someone" in the design has them."""
    act = {
        "allowed_policies_glob": ["status-act-*"],
        "orphan": True,
        "renewable": False,
        "token_type": "service",
        "token_no_default_policy": True,
        "token_num_uses": 200,
        "token_explicit_max_ttl": 60,
    }
    own = {
        "token_policies": ["status-adapter", *([JWT_ADMIN_POLICY] if jwt_admin else [])],
        "token_no_default_policy": True,
        "token_ttl": 3600,
        "token_max_ttl": 86400,
        "bind_secret_id": True,
    }
    account = _account_role(["status-developer-*", "status-user-*"])
    role = f"auth/{wanted.approle_mount}/role/status-adapter"
    return [
        steps.mount(session, f"auth method {wanted.approle_mount}/", f"sys/auth/{wanted.approle_mount}", "approle"),
        steps.setting(session, "token role status-act", "auth/token/roles/status-act", act),
        steps.setting(session, "token role status-account", "auth/token/roles/status-account", account),
        *(_admin_accounts(session, server) if jwt_admin else ()),
        steps.setting(session, f"AppRole status-adapter in {wanted.approle_mount}/", role, own),
        *(() if jwt_admin else _no_admin_accounts(session)),
    ]


def _temporary_role(session: VaultSession) -> Step:
    """Tokens of temporary access: nothing but the policy that was written for that one access."""
    role = {
        "allowed_policies_glob": ["status-temp-*"],
        "orphan": True,
        "renewable": False,
        "token_type": "service",
        "token_no_default_policy": True,
        "token_explicit_max_ttl": 86400,
    }
    return steps.setting(session, "token role status-temporary", "auth/token/roles/status-temporary", role)


def _account_role(policies_glob: list[str]) -> dict[str, object]:
    return {
        "allowed_policies_glob": policies_glob,
        "allowed_entity_aliases": ["account-*"],
        "orphan": True,
        "renewable": False,
        "token_type": "service",
        "token_explicit_max_ttl": 7200,
    }


async def _jwt_admin(session: VaultSession, wanted: Wanted) -> bool:
    """Whether STATUS accounts may be ADMIN: as wanted, else as it is."""
    if wanted.jwt_admin is not None:
        return wanted.jwt_admin
    return await steps.read(session, "sys/policies/acl", JWT_ADMIN_POLICY) is not None


def _admin_accounts(session: VaultSession, server: ServerKind) -> list[Step]:
    role = _account_role([ADMIN_POLICY])
    return [
        steps.policy(session, JWT_ADMIN_POLICY, policies.jwt_admin_policy(server)),
        steps.setting(session, f"token role {JWT_ADMIN_ROLE}", f"auth/token/roles/{JWT_ADMIN_ROLE}", role),
    ]


def _no_admin_accounts(session: VaultSession) -> list[Step]:
    return [
        steps.absent(session, f"token role {JWT_ADMIN_ROLE}", f"auth/token/roles/{JWT_ADMIN_ROLE}"),
        steps.absent(session, f"policy {JWT_ADMIN_POLICY}", f"sys/policies/acl/{JWT_ADMIN_POLICY}"),
    ]


def _log_seal(session: VaultSession, layout: Layout) -> list[Step]:
    """The key that signs digests of the audit log; it never leaves the vault, nor can it be deleted."""
    kind = {"type": "ed25519", "exportable": False}
    title = f"signing key of the audit log in {layout.seal}/"
    return [
        steps.mount(session, f"signatures {layout.seal}/", f"sys/mounts/{layout.seal}", "transit"),
        steps.setting(session, title, f"{layout.seal}/keys/{SEAL_KEY}", kind),
    ]


def _userpass(session: VaultSession, wanted: Wanted) -> list[Step]:
    if wanted.userpass_mount is None:
        return []
    name = wanted.userpass_mount
    return [steps.mount(session, f"auth method {name}/", f"sys/auth/{name}", "userpass")]


def _own_server(session: VaultSession, wanted: Wanted) -> list[Step]:
    if not wanted.own_server:
        return []
    return [
        steps.setting(
            session,
            "barrier key rotation every 30 days",
            "sys/rotate/config",
            {"enabled": True, "interval": ROTATION_INTERVAL},
        )
    ]


def _keys_mount(session: VaultSession, layout: Layout, scope: Scope) -> Step:
    """Where a scope's encryption keys are."""
    place = f"{layout.keys}/{scope}"
    return steps.mount(session, f"encryption keys {place}/", f"sys/mounts/{place}", "transit")


def _scope_entry(session: VaultSession, scope: Scope) -> Step:
    """The last step of a scope: its entry, which keeps its settings, so an existing one stays as it is."""
    store = KvStore(session)
    path = f"{SCOPES_FOLDER}/{scope}"

    async def check() -> list[str]:
        try:
            await store.metadata(Address(path))
        except (NotFound, Invalid):
            return ["missing"]
        return []

    async def apply() -> None:
        await store.create_custom(Address(path), SCOPE_SETTINGS)

    return Step(f"scope {scope}", check, apply)


def _audit(session: VaultSession, wanted: Wanted, server: ServerKind) -> list[Step]:
    file = wanted.audit_file or Path("/var/log/openbao/audit.log")

    async def check() -> list[str]:
        if await steps.read(session, "sys/audit", headers=session.vault.of_root):
            return []
        if server is ServerKind.VAULT and wanted.audit_file:
            return ["missing"]
        if server is ServerKind.VAULT:
            return ["no audit device: name a file for one with --audit-file PATH"]
        stanza = f'audit "file" "main" {{ options {{ file_path = "{file}" mode = "0600" }} }}'
        return ["no audit device: OpenBao takes it from its configuration only; add this and send SIGHUP:", stanza]

    async def apply() -> None:
        options = {"file_path": str(file), "mode": "0600"}
        body = {"type": "file", "options": options}
        await session.send("POST", "sys/audit/status", body=body, headers=session.vault.of_root)

    can = server is ServerKind.VAULT and wanted.audit_file is not None
    headers = [steps.audited_header(session, header) for header in AUDITED_HEADERS]
    return [*headers, Step("audit device", steps.in_reach(session, check), apply if can else None)]
