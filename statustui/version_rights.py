"""What is dimmed on the versions of a secret, and the sentence that says why. Pure."""

from __future__ import annotations

from collections.abc import Callable

from adapter.model.roles import Role
from adapter.model.wire import SecretView, VersionView
from statustui.rights import lacking
from statustui.session import Session

_NEEDS = {
    "roll_back": (Role.DEVELOPER, "Rolling back"),
    "compare": (Role.DEVELOPER, "Comparing"),
    "delete": (Role.DEVELOPER, "Deleting a version"),
    "undelete": (Role.DEVELOPER, "Undeleting a version"),
    "destroy": (Role.ADMIN, "Destroying a version"),
}


def why_not(action: str, session: Session, secret: SecretView, version: VersionView | None, newest: int) -> str:
    """The reason that `action` is not offered for `version`; empty when it is, or when it needs nothing."""
    if action not in _NEEDS:
        return ""
    role, act = _NEEDS[action]
    missing = lacking(role, act, session, secret.scope)
    if missing or version is None:
        return missing or "There is no version to do that with."
    return _STATES[action](version, newest)


def _no_rollback(version: VersionView, newest: int) -> str:
    if version.state == "destroyed":
        return f"Version {version.version} is destroyed, so there is nothing to copy."
    if version.state == "deleted":
        return f"Version {version.version} is deleted, so there is nothing to copy; U undeletes it."
    return f"Version {newest} is the current one already." if version.version == newest else ""


def _no_compare(version: VersionView, newest: int) -> str:
    if version.state in ("destroyed", "deleted"):
        return f"Version {version.version} is {version.state}, so there is nothing to compare."
    return f"Version {newest} is the current one: choose another." if version.version == newest else ""


def _no_delete(version: VersionView, _: int) -> str:
    if version.state == "deleted":
        return f"Version {version.version} is deleted already; U undeletes it."
    return _gone(version)


def _no_undelete(version: VersionView, _: int) -> str:
    return _gone(version) or ("" if version.state == "deleted" else f"Version {version.version} is not deleted.")


def _no_destroy(version: VersionView, _: int) -> str:
    return f"Version {version.version} is destroyed already." if version.state == "destroyed" else ""


def _gone(version: VersionView) -> str:
    return f"Version {version.version} is destroyed: its value is gone." if version.state == "destroyed" else ""


_STATES: dict[str, Callable[[VersionView, int], str]] = {
    "roll_back": _no_rollback,
    "compare": _no_compare,
    "delete": _no_delete,
    "undelete": _no_undelete,
    "destroy": _no_destroy,
}
