"""Waiting for the server, and telling why it does not come."""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import suppress

from adapter.errors import Sealed, SetupFailed, StatusError
from dev_vault.layout import DataFolder, disk_full
from dev_vault.process import Child
from dev_vault.server_api import NOT_INITIALISED, SEALED, ServerApi

READY_WITHIN = 60.0
SEALED_FOR = 5.0
"""Seconds. A server that opens its seal itself is sealed for a moment only."""
FULL_BELOW = 1_000_000
"""Free bytes with which the server's storage cannot grow."""


async def until_health(child: Child, folder: DataFolder, api: ServerApi, wanted: int) -> None:
    """Wait for a health status. Raises SetupFailed or Sealed as soon as it is clear that it will not come."""
    begun = time.monotonic()
    sealed_since: float | None = None
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                status = await api.health()
                if status == wanted:
                    return
                if status == NOT_INITIALISED and time.monotonic() - begun > SEALED_FOR:
                    raise SetupFailed(
                        f"The vault's data in {folder.storage} are missing.",
                        hint="Restore them from a backup of the data folder.",
                    )
                sealed_since = (sealed_since or time.monotonic()) if status == SEALED else None
        if child.exit_code is not None:
            raise _ended(child, folder)
        if sealed_since is not None and time.monotonic() - sealed_since > SEALED_FOR:
            raise Sealed(
                f"The vault stays sealed: {folder.seal_key} does not open it.",
                hint="Restore the file that belongs to this data folder from a backup.",
            )
        if time.monotonic() - begun > READY_WITHIN:
            raise SetupFailed(
                f"The vault was not ready after {READY_WITHIN:.0f} seconds.", hint=f"Look at {folder.server_log}."
            )
        await asyncio.sleep(0.03)


async def cause_of(error: StatusError, child: Child, folder: DataFolder) -> StatusError:
    """What lies behind an error of a start: a full disk shows itself in many ways, so does a server that ended."""
    if shutil.disk_usage(folder.root).free < FULL_BELOW:
        return disk_full(folder.root)
    with suppress(TimeoutError):
        await asyncio.wait_for(child.wait(), 0.2)
    return _ended(child, folder) if child.exit_code is not None else error


def _ended(child: Child, folder: DataFolder) -> SetupFailed:
    said = child.last_error()
    detail = f"The vault ended during its start{': ' + said if said else ''}."
    return SetupFailed(detail, hint=f"Look at {folder.server_log}.")
