"""User names that are locked out after wrong passwords, and methods where no number of them would lock one out."""

from __future__ import annotations

from shlex import quote
from typing import Any

from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.settings import Settings
from adapter.vault.answers import decode_any

COUNTED = ("approle", "ldap", "userpass")
"""The types of auth methods at which the servers count failed sign-ins."""

SHOWN = 5


async def look(act: Act, settings: Settings) -> list[Finding]:
    """One finding a mount with names that are locked out, one a mount that locks nobody out."""
    _, content = await act.session.send("GET", "sys/auth")
    mounts = {path: one for path, one in decode_any(content).items() if isinstance(one, dict) and "accessor" in one}
    return [*_careless(mounts), *await _locked(act, {one["accessor"]: path for path, one in mounts.items()})]


def _careless(mounts: dict[str, dict[str, Any]]) -> list[Finding]:
    return [
        Finding(
            f"{path} locks nobody out, however many passwords are tried.",
            f"bao auth tune -user-lockout-disable=false {path}",
        )
        for path, mount in sorted(mounts.items())
        if mount.get("type") in COUNTED
        and ((mount.get("config") or {}).get("user_lockout_config") or {}).get("user_lockout_disable")
    ]


async def _locked(act: Act, places: dict[str, str]) -> list[Finding]:
    _, content = await act.session.send("GET", "sys/locked-users")
    by_mount = [
        (str(mount["mount_accessor"]), sorted(map(str, mount.get("alias_identifiers") or ())))
        for namespace in decode_any(content).get("by_namespace") or ()
        for mount in namespace.get("mount_accessors") or ()
    ]
    return [_finding(places.get(accessor, accessor), accessor, names) for accessor, names in by_mount if names]


def _finding(place: str, accessor: str, names: list[str]) -> Finding:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    what = f"Locked out of {place} after wrong passwords: {', '.join(names[:SHOWN])}{more}."
    unlock = " ; ".join(f"bao write -f sys/locked-users/{accessor}/unlock/{quote(name)}" for name in names[:SHOWN])
    return Finding(what, f"They are let in again after 15 minutes, or with a new password; at once: {unlock}")


check = Check("lockouts", "Wrong passwords: who is locked out, and whether anybody would be", look)
