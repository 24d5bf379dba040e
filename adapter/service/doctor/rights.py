"""Rights that are granted besides STATUS's groups: by a login method, an entity, a group or a token role of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from adapter.errors import NotAllowed, NotFound
from adapter.model.roles import COMPONENT_POLICY, FORWARD_POLICY
from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.service.forwarding import FORWARDER_ROLE
from adapter.settings import Settings
from adapter.vault import identity
from adapter.vault.answers import decode_any

OWN = "status-"
"""How the names of STATUS's policies, groups and roles begin."""

TAKE_AWAY = "Take the policy away there, and grant the role: status-secrets grants add …"


async def look(act: Act, settings: Settings) -> list[Finding]:
    """A finding for each place besides the groups from which somebody gets a STATUS policy."""
    return [*await _of_people(act), *await _of_approles(act), *await _of_entities(act), *await _of_groups(act)]


async def _of_people(act: Act) -> list[Finding]:
    found = []
    for mount, one in (await identity.auth_mounts(act.session)).items():
        if one.type == "userpass":
            with suppress(NotAllowed):  # one that ADMIN does not manage; a token that may read it sees it
                users = await each_below(act, f"auth/{mount}/users")
                found += [_finding(f"user {name} of {mount}/", body) for name, body in users.items()]
    return [finding for finding in found if finding]


async def _of_approles(act: Act) -> list[Finding]:
    roles = await each_below(act, f"auth/{act.session.vault.approle_mount}/role")
    found = (_finding(f"component {name}", _granted(body)) for name, body in roles.items() if not _is_ours(name, body))
    return [finding for finding in found if finding]


def _is_ours(name: str, body: Mapping[str, Any]) -> bool:
    """The adapter's own identity, and forwarders, have their policy from their AppRole."""
    forwards = name.startswith(FORWARDER_ROLE) and body.get("token_policies") == [FORWARD_POLICY]
    return name == "status-adapter" or forwards


def _granted(body: Mapping[str, Any]) -> dict[str, Any]:
    """Without what every component has."""
    return {**body, "token_policies": [one for one in body.get("token_policies") or () if one != COMPONENT_POLICY]}


async def _of_entities(act: Act) -> list[Finding]:
    names = await identity.entity_names(act.session)
    entities = await identity.each(names, lambda name: identity.entity_by_name(act.session, name))
    found = (_finding(f"entity {name}", {"policies": one.policies}) for name, one in entities.items())
    return [finding for finding in found if finding]


async def _of_groups(act: Act) -> list[Finding]:
    names = [name for name in await identity.group_names(act.session) if not name.startswith(OWN)]
    groups = await identity.each(names, lambda name: identity.group_by_name(act.session, name))
    found = (_finding(f"group {name}", {"policies": one.policies}) for name, one in groups.items())
    return [finding for finding in found if finding]


async def each_below(act: Act, path: str) -> dict[str, dict[str, Any]]:
    """What stands at each name below a path."""

    async def read(name: str) -> dict[str, Any] | None:
        try:
            _, content = await act.session.send("GET", path, name)
        except NotFound:  # removed meanwhile
            return None
        return decode_any(content)

    return await identity.each(await identity.names(act.session, path), read)


def _finding(where: str, body: Mapping[str, Any]) -> Finding | None:
    given = sorted({*_own(body.get("token_policies")), *_own(body.get("policies"))})
    if not given:
        return None
    return Finding(f"{where} has {', '.join(given)} of its own, besides the groups.", TAKE_AWAY)


def _own(policies: Iterable[str] | None) -> list[str]:
    return [name for name in policies or () if name.startswith(OWN) or name == "root"]


check = Check("rights", "Rights granted besides the groups", look)
