"""The doctor: looks for what is not as it should be, says how to mend it, and mends what it can.

Each check is a module here, with a `check` in `CHECKS`; a check that cannot be made does not hinder the others.
"""

from __future__ import annotations

from adapter.errors import StatusError
from adapter.service.app import Act
from adapter.service.doctor import (
    accounts,
    barrier,
    callers,
    certificates,
    clocks,
    half_moved,
    installation,
    lockouts,
    managing,
    mount,
    rights,
    secret_files,
    tokens,
    unfinished,
)
from adapter.service.doctor.checks import Check, Examined, Finding
from adapter.settings import Settings

__all__ = ["CHECKS", "Check", "Examined", "Finding", "examine"]

CHECKS: tuple[Check, ...] = (
    certificates.check,
    clocks.check,
    callers.check,
    secret_files.check,
    installation.check,
    rights.check,
    tokens.check,
    lockouts.check,
    accounts.check,
    barrier.check,
    mount.check,
    managing.check,
    unfinished.check,
    half_moved.check,
)


async def examine(act: Act, settings: Settings, checks: tuple[Check, ...] = CHECKS) -> list[Examined]:
    """Make every check, one after the other. Changes nothing."""
    return [await _examined(act, settings, check) for check in checks]


async def _examined(act: Act, settings: Settings, check: Check) -> Examined:
    try:
        return Examined(check, await check.look(act, settings))
    except StatusError as error:
        return Examined(check, [], error)
