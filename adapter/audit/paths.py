"""What a request's path and operation mean for STATUS: which act, on what, in which scope.

Nothing (None) for what does not concern STATUS: other mounts, lookups of one's own token and rights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from adapter.model.address import Address, Scope
from adapter.model.audit import EventAct as Act
from adapter.settings import SIGN_INS

SCOPES_FOLDER = ".scopes"

COMPONENT = "status-component-"
"""What the AppRoles of components start with."""

WRITES = frozenset({"create", "update", "patch"})
VERSIONS = {
    "delete": Act.VERSION_DELETED,
    "undelete": Act.VERSION_UNDELETED,
    "destroy": Act.VERSION_DESTROYED,
}
VALUE = {"read": Act.USED, "delete": Act.VERSION_DELETED, **dict.fromkeys(WRITES, Act.UPDATED)}
METADATA = {"read": Act.VIEWED, "list": Act.VIEWED, "scan": Act.VIEWED, "delete": Act.DELETED}
METADATA |= dict.fromkeys(WRITES, Act.EDITED)
TRANSIT = {
    "encrypt": Act.ENCRYPTED,
    "rewrap": Act.ENCRYPTED,
    "decrypt": Act.DECRYPTED,
    "datakey": Act.DECRYPTED,
    "export": Act.DECRYPTED,
}


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where STATUS is on the server whose log is read; `sign_ins`: the mounts by which people come.

    What is remembered of requests is so for one layout, known by its identity, as it is asked for with every line.
    """

    mount: str = "status"
    approle: str = "status-approle"
    namespace: str = ""
    sign_ins: tuple[str, ...] = SIGN_INS

    @property
    def keys(self) -> str:
        """Below it, one Transit mount a scope."""
        return f"{self.mount}-keys/"


@dataclass(frozen=True, slots=True)
class Place:
    """What was asked for. `entry`: a secret's or a key's own; `settings`: a scope's.

    `quiet`: of interest only when it was refused.
    """

    act: Act
    secret: str = ""
    scope: str = ""
    value: bool = False
    metadata: bool = False
    component: str = ""
    quiet: bool = False
    wrapping: bool = False
    actor: str = ""
    entry: bool = False
    settings: bool = False


@lru_cache(65536)
def place_of(layout: Layout, path: str, operation: str, mount_point: str = "") -> Place | None:
    """The meaning of one request. A path outside STATUS has none.

    `mount_point` as the log has it, `auth/corp/ldap/`: an auth method may be mounted at a path of several parts.
    """
    if path.startswith(f"{layout.mount}/"):
        return _in_mount(path[len(layout.mount) + 1 :], operation)
    head, _, rest = path.partition("/")
    if path.startswith(layout.keys):
        return _key(layout, path[len(layout.keys) :], operation)
    if head == "auth":
        mount = mount_point.removeprefix("auth/").rstrip("/") if path.startswith(mount_point or "/") else ""
        return _auth(layout, mount or rest.partition("/")[0], rest, operation)
    if head == "sys":
        return _system(layout, rest, operation)
    if head == "identity" and operation in (*WRITES, "delete"):
        return _identity(rest, operation)
    if path == "cubbyhole/response" and operation == "read":
        return Place(Act.USED, wrapping=True)
    return None


def _in_mount(rest: str, operation: str) -> Place | None:
    kind, _, entry = rest.partition("/")
    if entry.startswith(f"{SCOPES_FOLDER}/") or entry.rstrip("/") == SCOPES_FOLDER:
        return _scope_entry(entry[len(SCOPES_FOLDER) + 1 :].rstrip("/"), operation)
    folder = operation in ("list", "scan")
    scope = _scope_of(entry.rstrip("/") + "/x" if folder else entry)
    secret = "" if folder else entry
    if kind == "data" and operation in VALUE:
        return Place(VALUE[operation], secret, scope, value=True, entry=True)
    if kind in ("metadata", "detailed-metadata") and operation in METADATA:
        return Place(METADATA[operation], secret, scope, metadata=True, entry=bool(secret))
    if kind in VERSIONS and operation in WRITES:
        return Place(VERSIONS[kind], secret, scope, entry=True)
    if kind == "subkeys":
        return Place(Act.VIEWED, secret, scope, metadata=True, entry=True)
    return Place(Act.OTHER, f"config of {rest}" if kind == "config" else rest, quiet=operation not in WRITES)


def _scope_entry(scope: str, operation: str) -> Place | None:
    if scope.startswith("."):  # marks with which adapters take turns
        return Place(Act.OTHER, scope, quiet=True)
    if operation == "delete":
        return Place(Act.SCOPE_RETIRED, scope=scope)
    if operation == "create":
        return Place(Act.SCOPE_ADDED, scope=scope)
    if operation in WRITES:
        return Place(Act.OTHER, f"settings of {scope}", scope, settings=True)
    return Place(Act.VIEWED, scope=scope, quiet=True)


@lru_cache(65536)
def _scope_of(entry: str) -> str:
    scope = Address(entry).scope
    return str(scope) if scope else ""


def _key(layout: Layout, rest: str, operation: str) -> Place | None:
    """`environment/production/encrypt/orders`: the scope is what is before Transit's own word."""
    parts = rest.rstrip("/").split("/")
    at = 1 if parts[0] == "global" else 2
    scope, words = "/".join(parts[:at]), parts[at:]
    if not words:
        return None
    name = words[1] if words[0] != "datakey" and len(words) > 1 else words[-1]
    secret = f"{layout.keys}{scope}/{name}" if len(words) > 1 else ""
    if words[0] in TRANSIT:
        return Place(TRANSIT[words[0]], secret, scope, entry=bool(secret))
    if words[0] != "keys":
        return Place(Act.OTHER, secret, scope)
    if len(words) > 2:
        return Place(Act.KEY_ROTATED if words[2] == "rotate" else Act.EDITED, secret, scope, entry=True)
    act = {"delete": Act.DELETED, "read": Act.VIEWED, "list": Act.VIEWED, "scan": Act.VIEWED}
    return Place(act.get(operation, Act.CREATED), secret, scope, entry=bool(secret))


def _auth(layout: Layout, mount: str, rest: str, operation: str) -> Place | None:
    call = rest[len(mount) + 1 :]
    if mount == "token":
        return _token(call, operation)
    if call == "login" or call.startswith(("login/", "oidc/callback")):
        if operation not in WRITES and not call.startswith("oidc"):
            return None
        return Place(Act.SIGNED_IN, f"auth/{mount}", actor=call.partition("/")[2] if call.startswith("login/") else "")
    if mount == layout.approle and call.startswith("role/"):
        return _component(call.removeprefix("role/"), operation)
    if operation in WRITES or operation == "delete":
        act = Act.REVOKED if operation == "delete" and call.startswith("users/") else Act.OTHER
        return Place(act, f"auth/{rest}")
    return None


def _token(call: str, operation: str) -> Place | None:
    if call == "lookup-self":
        return Place(Act.SIGNED_IN, "auth/token", quiet=True)
    if call == "revoke-self":
        return Place(Act.SIGNED_OUT, "auth/token")
    if call.startswith("revoke"):
        return Place(Act.REVOKED, "auth/token")
    if call == "create" or call.startswith(("create/", "create-orphan")):
        return Place(Act.GRANTED, f"auth/token/{call}")
    if call.startswith("roles/") and operation in (*WRITES, "delete"):
        return Place(Act.POLICY_CHANGED, f"auth/token/{call}")
    return None


def _component(call: str, operation: str) -> Place | None:
    name, _, what = call.partition("/")
    name = name.removeprefix(COMPONENT)
    about = Place(Act.OTHER, f"component {name}", component=name, quiet=operation not in WRITES)
    if not what:
        acts = {"create": Act.COMPONENT_ADDED, "delete": Act.COMPONENT_REMOVED}
        return Place(acts[operation], about.secret, component=name) if operation in acts else about
    if what.startswith(("secret-id", "custom-secret-id")) and operation in (*WRITES, "delete"):
        if "lookup" in what:
            return None
        return Place(Act.COMPONENT_ROTATED, about.secret, component=name)
    return about


def _system(layout: Layout, rest: str, operation: str) -> Place | None:
    head, _, tail = rest.partition("/")
    changes = operation in WRITES or operation == "delete"
    if head == "wrapping" and tail in ("unwrap", "rewrap"):
        return Place(Act.USED if tail == "unwrap" else Act.WRAPPED, wrapping=True)
    if rest.startswith(("policies/acl/", "policy/")):
        return Place(Act.POLICY_CHANGED if changes else Act.OTHER, rest.rpartition("/")[2], quiet=not changes)
    if rest in ("storage/raft/snapshot", "storage/raft/snapshot-force"):
        return Place(Act.BACKED_UP if operation == "read" else Act.RESTORED, f"sys/{rest}")
    if rest in ("rotate", "rotate/keyring", "rotate/root"):
        return Place(Act.KEY_ROTATED, f"sys/{rest}") if changes else None
    if rest.startswith(f"internal/ui/mounts/{layout.mount}"):
        return Place(Act.VIEWED, quiet=True)
    if head == "raw":
        return Place(Act.OTHER, f"sys/{rest}")
    if head in ("audit", "audit-hash", "seal", "step-down", "generate-root", "rekey", "remount", "auth", "rotate"):
        return Place(Act.OTHER, f"sys/{rest}") if changes and rest != "audit/test" else None
    if rest.startswith((f"mounts/{layout.mount}", f"mounts/{layout.keys}", "config/auditing/request-headers/")):
        return Place(Act.OTHER, f"sys/{rest}") if changes else None
    return None


def _identity(rest: str, operation: str) -> Place | None:
    if rest.startswith("group"):
        name = rest.removeprefix("group/name/") if rest.startswith("group/name/") else rest
        return Place(Act.REVOKED if operation == "delete" else Act.GRANTED, f"group {name}", _group_scope(name))
    if rest.startswith(("entity", "persona", "alias")):
        act = Act.REVOKED if operation == "delete" else Act.OTHER
        return Place(act, rest.replace("entity/name/", "entity ", 1))
    return None


def _group_scope(name: str) -> str:
    for prefix in ("status-user-", "status-developer-", "status-use-"):
        if name.startswith(prefix):
            return str(Scope.from_slug(name.removeprefix(prefix)) or "")
    return ""
