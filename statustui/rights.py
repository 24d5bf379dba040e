"""What is dimmed on the list of secrets, and the sentence that says why. Pure."""

from __future__ import annotations

from adapter.model.roles import Role
from adapter.model.wire import SecretView
from statustui.key_rows import KeyRow
from statustui.session import Session, ask_for
from statustui.wording import parse_scope

UNCLASSIFIED = "unclassified"
"""The flag of a secret that the command-line client made: no type stands with it."""

_NEEDS = {
    "update_value": (Role.DEVELOPER, "Updating a value"),
    "edit": (Role.DEVELOPER, "Editing"),
    "move": (Role.DEVELOPER, "Renaming"),
    "adopt": (Role.DEVELOPER, "Adopting"),
    "delete": (Role.ADMIN, "Deleting"),
    "who_can_use": (Role.ADMIN, "Seeing who can use a secret"),
}

_NOT_OF_A_KEY = {
    "edit": "An encryption key has no details to edit.",
    "move": "An encryption key keeps its name: what it encrypted names it.",
    "delete": "Encryption keys are never deleted: what they encrypted could not be decrypted any more.",
    "audit": "What was done with an encryption key is in the audit view, under its name.",
    "who_can_use": "Who may use an encryption key is in the access view, under Grants.",
    "diagnose": "Secrets can be diagnosed; of an encryption key the audit view tells what was refused.",
    "versions": "The versions of an encryption key are in its details; it cannot be rolled back.",
}


def why_not(action: str, session: Session, secret: SecretView | None) -> str:
    """The reason that `action` is not offered; empty when it is, or when it needs no right."""
    if action in ("new", "new_key", "import"):
        return "" if session.holds_anywhere(Role.DEVELOPER) else ask_for(Role.DEVELOPER, "Creating")
    if isinstance(secret, KeyRow):
        if action == "update_value":
            return lacking(Role.DEVELOPER, "Rotating a key", session, secret.scope)
        return _NOT_OF_A_KEY.get(action, "")
    if action not in _NEEDS or secret is None:
        return ""
    missing = lacking(*_NEEDS[action], session, secret.scope)
    if action == "adopt" and not missing and UNCLASSIFIED not in secret.flags:
        return f"{secret.name} has a type already; e changes it."
    return missing


def lacking(role: Role, act: str, session: Session, scope: str) -> str:
    """Why `act` is not the person's to do in `scope`; empty when it is. Outside every scope it is an ADMIN's."""
    if session.holds(role, scope) or (parse_scope(scope) is None and session.highest is Role.ADMIN):
        return ""
    return ask_for(role, act, scope)
