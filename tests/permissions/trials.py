"""How each act of the table is tried: through the API, and straight at the vault with the same token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from adapter.errors import NotAllowed
from adapter.model.address import Scope
from adapter.provision import check
from adapter.service import backing_up
from adapter.vault import Caller
from tests.conftest import WANTED
from tests.permissions.matrix import ADMIN, ELSEWHERE, ON_A_SECRET, USE, Row
from tests.permissions.world import VALUE, Holder, Target, World

PLAIN = "cGxhaW4="
MERGE = {"Content-Type": "application/merge-patch+json"}

last: ContextVar[tuple[int, str]] = ContextVar("last")
"""The status and body of the API's latest answer, in each trial's own task."""

Try = Callable[[World, Holder, Target], Awaitable[bool]]


@dataclass(frozen=True)
class Trial:
    """One way to do an act. `straight_who`: who may do it straight at the vault, where that is somebody else.

    `changes`: it needs a secret of its own where it is allowed. `asks`: the act's name in "may I?".
    """

    row: Row
    name: str
    api: Try | None = None
    straight: Try | None = None
    straight_who: frozenset[str] | None = None
    changes: bool = False
    asks: str | None = None


def verdict(answer: httpx.Response) -> bool:
    """Allowed or refused; anything else is no verdict, so the trial itself is wrong."""
    if answer.is_success:
        return True
    assert answer.status_code in (403, 404), f"{answer.request.method} {answer.request.url}: {answer.text}"
    return False


def api(method: str, path: str, body: Any = None, *, holds: str = "", lacks: str = "") -> Try:
    """A call of the API. `{…}` in path and body are the target's; `holds`, `lacks`: what shows that it was allowed."""

    async def tried(world: World, holder: Holder, target: Target) -> bool:
        names = _names(world, target)
        answer = await world.api.request(
            method, _filled(path, names), json=_filled(body, names), headers=holder.headers
        )
        last.set((answer.status_code, answer.text))
        allowed = verdict(answer)
        if holds:
            allowed = allowed and _filled(holds, names) in answer.text
        return allowed and not (lacks and lacks in answer.text)

    return tried


def straight(method: str, path: str, body: Any = None, **headers: str) -> Try:
    """One request to the vault itself."""

    async def tried(world: World, holder: Holder, target: Target) -> bool:
        names = _names(world, target)
        answer = await world.straight(holder.token, method, _filled(path, names), _filled(body, names), **headers)
        return verdict(answer)

    return tried


def both(*tries: Try) -> Try:
    """One after the other, as long as each is allowed."""

    async def tried(world: World, holder: Holder, target: Target) -> bool:
        for one in tries:
            if not await one(world, holder, target):
                return False
        return True

    return tried


def prepared(before: Try, attempt: Try) -> Try:
    """`before` is made by an ADMIN, once for each target."""

    async def tried(world: World, holder: Holder, target: Target) -> bool:
        with suppress(AssertionError):  # it is there already
            await before(world, world.admin, target)
        return await attempt(world, holder, target)

    return tried


def _names(world: World, target: Target) -> dict[str, str]:
    return {
        "id": target.id,
        "path": target.path,
        "scope": target.scope,
        "slug": target.scope.replace("/", "-"),
        "scope_id": target.scope.replace("/", "~"),
        "name": target.name,
        "other": target.elsewhere,
        "mark": world.mark,
    }


def _filled(thing: Any, names: dict[str, str]) -> Any:
    if isinstance(thing, str):
        for name, text in names.items():
            thing = thing.replace("{" + name + "}", text)
        return thing
    if isinstance(thing, dict):
        return {key: _filled(value, names) for key, value in thing.items()}
    return [_filled(value, names) for value in thing] if isinstance(thing, list) else thing


def ciphertext(act: str) -> tuple[Try, Try]:
    """`decrypt` or `rewrap` of something that an ADMIN encrypted."""

    async def made(world: World, target: Target) -> str:
        body = {"key": f"{target.scope}/{world.mark}".replace("/", "~"), "items": [{"plaintext": PLAIN}]}
        answer = await world.api.post("/encrypt", json=body, headers=world.admin.headers)
        return str(answer.json()["results"][0]["ciphertext"])

    async def by_api(world: World, holder: Holder, target: Target) -> bool:
        body = {"key": "{scope_id}~{mark}", "items": [{"ciphertext": await made(world, target)}]}
        return await api("POST", f"/{act}", body, lacks='"error"')(world, holder, target)

    async def at_vault(world: World, holder: Holder, target: Target) -> bool:
        body = {"ciphertext": await made(world, target)}
        return await straight("POST", f"status-keys/{{scope}}/{act}/{{mark}}", body)(world, holder, target)

    return by_api, at_vault


VIEW, EVENTS, WRITE, ROLL_BACK, RENAME, MOVE, VERSIONS, REMOVE, VALUES, ENCRYPT, DECRYPT, KEYS = ON_A_SECRET
ONESELF, OTHERS, AUDIT, MANAGE, EXPORT, OPERATE = ELSEWHERE

LIST = straight("LIST", "status/metadata/{scope}/")
LOOK = straight("GET", "status/metadata/{path}")
DELETE = straight("DELETE", "status/metadata/{path}")
READ = straight("GET", "status/data/{path}?version=1")
ONLY_ADMIN = frozenset({ADMIN})
NEW = {"data": {"value": "new"}, "options": {"cas": 0}}
NEXT = {"data": {"value": "next"}, "options": {"cas": 2}}
CONTROLS = {"controls": [{"params": {"secretRefs": [{"id": "{id}"}]}}]}
REF = "secret://{path}"
OWN_KEY = api("POST", "/keys", {"name": "{name}-rotated", "scope": "{scope}"})
GONE = "custom/{mark}-gone"
KEY_ITEMS = {"key": "{scope_id}~{mark}", "items": [{"plaintext": PLAIN}]}

ON_SECRETS = [
    Trial(
        VIEW,
        "list",
        api("GET", "/secrets?scope={scope}", holds='"{name}"'),
        straight("LIST", "status/metadata/{scope}/"),
    ),
    Trial(VIEW, "details", api("GET", "/secrets/{id}"), LOOK, asks="view"),
    Trial(
        VIEW, "history", api("GET", "/secrets/{id}/versions"), straight("GET", "status/metadata/{path}"), asks="history"
    ),
    Trial(
        WRITE,
        "create",
        api("POST", "/secrets", {"name": "{name}-new", "type": "PASSWORD", "value": "v", "scope": "{scope}"}),
        straight("POST", "status/data/{path}-new", NEW),
        changes=True,
        asks="create",
    ),
    Trial(
        WRITE,
        "update value",
        api("POST", "/secrets/{id}/versions", {"value": "v"}),
        straight("POST", "status/data/{path}", NEXT),
        changes=True,
        asks="update",
    ),
    Trial(
        WRITE,
        "edit details",
        api("PATCH", "/secrets/{id}", {"description": "d"}),
        straight("PATCH", "status/metadata/{path}", {"custom_metadata": {"description": "d"}}, **MERGE),
        changes=True,
        asks="edit",
    ),
    Trial(
        ROLL_BACK,
        "roll back",
        api("POST", "/secrets/{id}/rollback", {"version": 1}),
        both(READ, straight("POST", "status/data/{path}", NEXT)),
        ONLY_ADMIN,
        changes=True,
        asks="roll_back",
    ),
    Trial(
        ROLL_BACK, "compare versions", api("GET", "/secrets/{id}/compare?from=1&to=2"), READ, frozenset({USE, ADMIN})
    ),
    Trial(
        RENAME,
        "rename",
        api("PATCH", "/secrets/{id}", {"name": "{name}-renamed"}),
        both(READ, straight("POST", "status/data/{path}-renamed", NEW), DELETE),
        ONLY_ADMIN,
        changes=True,
        asks="rename",
    ),
    Trial(
        MOVE,
        "move",
        api("PATCH", "/secrets/{id}", {"scope": "{other}"}),
        both(READ, straight("POST", "status/data/{other}/{name}", NEW), DELETE),
        changes=True,
        asks="move",
    ),
    Trial(
        VERSIONS,
        "delete a version, undelete it",
        both(api("DELETE", "/secrets/{id}/versions/1"), api("POST", "/secrets/{id}/versions/1/undelete")),
        both(
            straight("POST", "status/delete/{path}", {"versions": [1]}),
            straight("POST", "status/undelete/{path}", {"versions": [1]}),
        ),
        changes=True,
        asks="delete_version",
    ),
    Trial(
        VERSIONS,
        "undelete a version",
        api("POST", "/secrets/{id}/versions/1/undelete"),
        straight("POST", "status/undelete/{path}", {"versions": [1]}),
        changes=True,
        asks="undelete_version",
    ),
    Trial(
        REMOVE,
        "delete",
        api("DELETE", "/secrets/{id}"),
        DELETE,
        changes=True,
        asks="delete",
    ),
    Trial(
        REMOVE,
        "destroy a version",
        api("POST", "/secrets/{id}/versions/1/destroy"),
        straight("POST", "status/destroy/{path}", {"versions": [1]}),
        changes=True,
        asks="destroy_version",
    ),
    Trial(
        VALUES,
        "value",
        api("POST", "/secrets/{id}/value", {}, holds=VALUE),
        straight("GET", "status/data/{path}"),
        asks="use",
    ),
    Trial(
        VALUES,
        "wrap",
        api("POST", "/secrets/{id}/value", {"wrap": "60s"}, holds="wrapToken"),
        straight("GET", "status/data/{path}", **{"X-Vault-Wrap-TTL": "60s"}),
        asks="wrap",
    ),
    Trial(VALUES, "resolve", api("POST", "/resolve", {"refs": [REF]}, holds=VALUE)),
    Trial(
        VALUES,
        "hydrate",
        api("POST", "/hydrate", CONTROLS, holds=VALUE),
    ),
    Trial(VALUES, "render", api("POST", "/render", {"document": {"a": REF}}, holds=VALUE)),
    Trial(
        ENCRYPT,
        "encrypt",
        api("POST", "/encrypt", KEY_ITEMS, lacks='"error"'),
        straight("POST", "status-keys/{scope}/encrypt/{mark}", {"plaintext": PLAIN}),
        asks="encrypt",
    ),
    Trial(ENCRYPT, "rewrap", *ciphertext("rewrap"), asks="rewrap"),
    Trial(DECRYPT, "decrypt", *ciphertext("decrypt"), asks="decrypt"),
    Trial(
        KEYS,
        "create a key",
        api("POST", "/keys", {"name": "{name}-key", "scope": "{scope}"}),
        straight("POST", "status-keys/{scope}/keys/{name}-straight", {"type": "aes256-gcm96"}),
        changes=True,
        asks="manage_keys",
    ),
    Trial(
        KEYS,
        "rotate a key",
        prepared(OWN_KEY, api("POST", "/keys/{scope_id}~{name}-rotated/rotate")),
        prepared(OWN_KEY, straight("POST", "status-keys/{scope}/keys/{name}-rotated/rotate")),
        changes=True,
    ),
    Trial(EXPORT, "export", api("GET", "/export?scope={scope}", holds='"{name}"')),
    Trial(EVENTS, "events of a secret", api("GET", "/secrets/{id}/audit")),
]

OF_THE_LOG = (EVENTS, AUDIT)
"""The acts that need the vault's log at hand."""

SELF = {"acts": [{"act": "view", "scope": "{scope}"}]}
ABOUT = {**SELF, "who": "person:{mark}-none"}

ACCESSORS = straight("LIST", "auth/token/accessors")

ALL_EVENTS = api("GET", "/audit?act=component_added&q={mark}", holds="component_added")
LEAK = api("POST", "/audit/find-leak", {"value": "a string that is nowhere"})


async def back_up(world: World, holder: Holder, target: Target) -> bool:
    """As `status-secrets backup` does it."""
    act = world.services.act(Caller(SecretStr(holder.token), reason="a test"))
    try:
        lines = [line async for line in backing_up.back_up(act, [Scope.parse(target.scope)])]
    except NotAllowed:
        return False
    return len(lines) > 1


async def provision(world: World, holder: Holder, target: Target) -> bool:
    """As `status-secrets provision --check` does it."""
    try:
        await check(world.services.vault, SecretStr(holder.token), WANTED)
    except NotAllowed:
        return False
    return True


NOT_ON_SECRETS = [
    Trial(ONESELF, "me", api("GET", "/me"), straight("GET", "auth/token/lookup-self")),
    Trial(ONESELF, "can I?", api("POST", "/can-i", SELF), straight("POST", "sys/capabilities-self", {"paths": ["a"]})),
    Trial(OTHERS, "who can use this?", api("GET", "/secrets/{id}/access"), straight("LIST", "identity/group/name")),
    Trial(OTHERS, "can they?", api("POST", "/can-i", ABOUT), straight("GET", "identity/group/name/status-admin")),
    Trial(MANAGE, "list scopes", api("GET", "/scopes"), straight("LIST", "status/metadata/.scopes/")),
    Trial(
        MANAGE,
        "add a scope",
        api("POST", "/scopes", {"scope": "{scope}"}),
        straight("PUT", "sys/policies/acl/status-test-{mark}", {"policy": "# a test"}),
    ),
    Trial(
        MANAGE,
        "retire a scope",
        prepared(api("POST", "/scopes", {"scope": GONE}), api("DELETE", "/scopes/custom~{mark}-gone")),
        straight("DELETE", "sys/policies/acl/status-test-{mark}"),
    ),
    Trial(MANAGE, "list grants", api("GET", "/grants"), straight("GET", "identity/group/name/status-user-{slug}")),
    Trial(
        MANAGE,
        "grant",
        api("POST", "/grants", {"who": "account:1", "role": "USER", "scope": "{other}"}),
        straight("POST", "identity/group/name/status-test-{mark}", {"policies": []}),
    ),
    Trial(MANAGE, "list components", api("GET", "/components"), straight("LIST", "auth/status-approle/role")),
    Trial(MANAGE, "people", api("GET", "/people"), straight("LIST", "identity/entity/name")),
    Trial(
        MANAGE,
        "disable",
        api("POST", "/access/enable", {"who": "person:{mark}-none"}),
        straight("LIST", "auth/token/accessors"),
    ),
    Trial(
        MANAGE,
        "give temporary access",
        api("POST", "/secrets/{id}/temporary-access", {"who": "person:{mark}-none", "ttl": "1m", "reason": "a test"}),
        straight("POST", "auth/token/create/status-temporary", {"policies": ["status-temp-{mark}"], "ttl": "1m"}),
    ),
    Trial(MANAGE, "list temporary access", api("GET", "/temporary-access"), straight("LIST", "sys/policies/acl")),
    Trial(MANAGE, "an AppRole", None, straight("POST", "auth/status-approle/role/status-component-{mark}-test", {})),
    Trial(MANAGE, "a secret id", None, straight("POST", "auth/status-approle/role/status-adapter/secret-id", {})),
    Trial(MANAGE, "a user", None, straight("GET", "auth/userpass/users/{mark}-none")),
    Trial(MANAGE, "an entity", None, straight("POST", "identity/entity/name/test-{mark}", {})),
    Trial(AUDIT, "all events", ALL_EVENTS, straight("GET", "sys/audit")),
    Trial(AUDIT, "investigate", api("GET", "/audit/investigate?secret={id}")),
    Trial(AUDIT, "find a leaked string", LEAK, straight("POST", "sys/audit-hash/main", {"input": "x"})),
    Trial(AUDIT, "unusual events", api("GET", "/audit/unusual")),
    Trial(OPERATE, "back up", back_up, straight("GET", "sys/key-status")),
    Trial(OPERATE, "look what provisioning would do", provision, straight("GET", "sys/policies/acl/status-admin")),
    Trial(OPERATE, "provision", None, straight("POST", "sys/mounts/status/tune", {"description": "STATUS"})),
    Trial(OPERATE, "look at the audit devices", None, straight("GET", "sys/audit")),
    Trial(OPERATE, "rotation of the barrier key", None, straight("GET", "sys/rotate/config")),
]
