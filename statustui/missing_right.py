"""What a denied act lacked, and who can change that. Pure: it explains rights, Vault alone grants them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from adapter.model.audit import ActorKind, Event, EventAct, Outcome
from adapter.model.roles import Role

_WHO: Mapping[str, str] = {ActorKind.PERSON: "person", ActorKind.COMPONENT: "component"}
_USE = frozenset({EventAct.USED, EventAct.WRAPPED, EventAct.DECRYPTED})
_USER = frozenset({EventAct.VIEWED})
_DEVELOPER = frozenset(
    {
        EventAct.CREATED,
        EventAct.UPDATED,
        EventAct.ROLLED_BACK,
        EventAct.EDITED,
        EventAct.RENAMED,
        EventAct.VERSION_DELETED,
        EventAct.VERSION_UNDELETED,
        EventAct.ENCRYPTED,
        EventAct.KEY_ROTATED,
    }
)
_NO_RIGHT = frozenset({EventAct.SIGNED_IN, EventAct.SIGNED_OUT, EventAct.OTHER})


def needed(act: str) -> Role | None:
    """The role that an act needs; None where rights are not what decides."""
    if act in _USE:
        return Role.USE
    if act in _USER:
        return Role.USER
    if act in _DEVELOPER:
        return Role.DEVELOPER
    return None if act in _NO_RIGHT or act not in set(EventAct) else Role.ADMIN


def missing_right(event: Event) -> str:
    """The sentence for a denied event, with an ADMIN's command; empty for any other, and where no right decides."""
    right = needed(event.act) if event.outcome == Outcome.DENIED else None
    if right is None:
        return ""
    where = f" in {event.scope}" if event.scope and right != Role.ADMIN else ""
    if right == Role.USE and event.actor_kind != ActorKind.COMPONENT:
        words = f"{right}{where}, which only components hold. An ADMIN can let a person read one secret for a while"
    else:
        words = f"{right}{where}. An ADMIN can grant it"
    command = _command(event, right)
    return f"{words}: {command}" if command else f"{words}."


def _command(event: Event, right: Role) -> str:
    """What an ADMIN types; empty for somebody whom grants do not name."""
    kind = _WHO.get(event.actor_kind)
    if kind is None or not event.scope:
        return ""
    who = shlex.quote(f"{kind}:{event.actor}")
    if right != Role.USE or kind == "component":
        scope = "" if right == Role.ADMIN else f" {shlex.quote(event.scope)}"
        return f"status-secrets grants add {who} {right}{scope}"
    return f"status-secrets temporary give {shlex.quote(event.secret)} {who} --ttl 30m" if event.secret else ""
