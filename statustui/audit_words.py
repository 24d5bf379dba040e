"""What is said about an event. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from adapter.model.address import Address
from adapter.model.audit import TEMPORARY, ActorKind, Event, EventAct, Outcome
from statustui.wording import CROSS, DASH, one_line

UNUSUAL = "▲"
"""Stands before an event that is unusual, in the list and in the header."""

ON_SECRETS = frozenset(
    {
        EventAct.CREATED,
        EventAct.UPDATED,
        EventAct.ROLLED_BACK,
        EventAct.EDITED,
        EventAct.RENAMED,
        EventAct.MOVED,
        EventAct.VIEWED,
        EventAct.USED,
        EventAct.WRAPPED,
        EventAct.VERSION_DELETED,
        EventAct.VERSION_UNDELETED,
        EventAct.VERSION_DESTROYED,
        EventAct.DELETED,
    }
)
"""The acts whose `secret` is the address of one."""

_MARKS: Mapping[str, str] = {Outcome.DENIED: CROSS, Outcome.FAILED: "!", Outcome.UNKNOWN: "?"}
_NOUNS: Mapping[str, str] = {
    EventAct.CREATED: "create",
    EventAct.UPDATED: "update",
    EventAct.ROLLED_BACK: "rollback",
    EventAct.EDITED: "edit",
    EventAct.RENAMED: "rename",
    EventAct.MOVED: "move",
    EventAct.VIEWED: "view",
    EventAct.USED: "use",
    EventAct.WRAPPED: "wrap",
    EventAct.VERSION_DELETED: "version delete",
    EventAct.VERSION_UNDELETED: "undelete",
    EventAct.VERSION_DESTROYED: "destroy",
    EventAct.DELETED: "delete",
    EventAct.ENCRYPTED: "encrypt",
    EventAct.DECRYPTED: "decrypt",
    EventAct.KEY_ROTATED: "key rotation",
    EventAct.SIGNED_IN: "sign-in",
    EventAct.SIGNED_OUT: "sign-out",
    EventAct.GRANTED: "grant",
    EventAct.REVOKED: "revoke",
    EventAct.BACKED_UP: "backup",
    EventAct.RESTORED: "restore",
    EventAct.OTHER: "request",
}
_KINDS: Mapping[str, str] = {
    ActorKind.ACCOUNT: "STATUS account",
    ActorKind.COMPONENT: "component",
    ActorKind.ADAPTER: "the adapter itself",
    ActorKind.BEARER: "whoever held the wrapping token",
    ActorKind.TOKEN: "a token of nobody's",
    ActorKind.ROOT: "root token",
}


def act_text(event: Event) -> str:
    """`used`, or with a mark and a word how it ended otherwise. Colour only underlines it."""
    if event.outcome == Outcome.DONE:
        return event.act.replace("_", " ")
    return f"{_MARKS.get(event.outcome, '?')} {_NOUNS.get(event.act) or event.act.replace('_', ' ')} {event.outcome}"


def kind_text(event: Event) -> str:
    """What the actor is; empty for a person."""
    return _KINDS.get(event.actor_kind, "")


def who_text(event: Event) -> str:
    """The actor as a column has it."""
    marks: Mapping[str, str] = {
        ActorKind.COMPONENT: " (component)",
        ActorKind.ROOT: " (root token)",
        ActorKind.BEARER: " (bearer)",
    }
    return event.actor + (" (temporary)" if event.role == TEMPORARY else marks.get(event.actor_kind, ""))


def address_of(event: Event) -> Address | None:
    """The secret that an event is about; None where it is about something else."""
    return Address(event.secret) if event.secret and event.act in ON_SECRETS else None


def secret_text(event: Event, *, version: bool = True) -> str:
    """The name without its scope, and the version that was touched."""
    name = event.secret or DASH
    if event.scope and name.startswith(event.scope + "/"):
        name = name[len(event.scope) + 1 :]
    return f"{name} v{event.version}" if version and event.version else name


def headline(event: Event) -> str:
    """One line: what, on which secret, by whom."""
    about = f" · {secret_text(event)}" if event.secret else ""
    return one_line(f"{act_text(event)}{about} · {event.actor}")


_FLAGS: Mapping[str, str] = {}


def flag_text(flag: str) -> str:
    """A rule's name as people read it."""
    return _FLAGS.get(flag) or one_line(flag.replace("_", " "))
