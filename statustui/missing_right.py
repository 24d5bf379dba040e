"""What a denied act lacked, and who can change that. Pure: it explains rights, Vault alone grants them."""

from __future__ import annotations

from adapter.model.audit import Event, EventAct, Outcome
from adapter.model.roles import Role

USE = "use"
"""The right to read values, which components hold."""

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


def needed(act: str) -> str | None:
    """The right or role that an act needs; None where rights are not what decides."""
    if act in _USE:
        return USE
    if act in _USER:
        return Role.USER
    if act in _DEVELOPER:
        return Role.DEVELOPER
    return None if act in _NO_RIGHT or act not in set(EventAct) else Role.ADMIN


def missing_right(event: Event) -> str:
    """The sentence for a denied event; empty for any other, and where no right decides."""
    right = needed(event.act) if event.outcome == Outcome.DENIED else None
    if right is None:
        return ""
    where = f" in {event.scope}" if event.scope and right != Role.ADMIN else ""
    return f"{right}{where}. An ADMIN can grant it."
