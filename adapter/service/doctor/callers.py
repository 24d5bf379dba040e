"""Whether the vault's log has the addresses of those who call this adapter, or the adapter's own for all of them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import msgspec

from adapter.audit.criteria import nanoseconds_of
from adapter.audit.raw_lines import lines_of
from adapter.service.app import Act
from adapter.service.auditing import logs_of
from adapter.service.doctor.checks import Check, Finding
from adapter.settings import Settings

PROBE = "192.0.2.1"
"""Nobody's address: https://www.rfc-editor.org/rfc/rfc5737"""

LOOKS, BETWEEN = 20, 0.1
"""How often the log is looked at for the probe's line, and the seconds between: its device may be behind."""


class _Answer(msgspec.Struct, frozen=True):
    request_id: str = ""


async def look(act: Act, settings: Settings) -> list[Finding]:
    """Asks in the name of an address that is nobody's. Nothing to find for a caller within this process."""
    if act.session.caller.address is None or not settings.audit_log:
        return []
    session = act.session.vault.session(replace(act.session.caller, address=PROBE))
    _, content = await session.send("GET", "auth/token/lookup-self")
    seen = await _address_of(act, settings, msgspec.json.decode(content, type=_Answer).request_id)
    if seen in (None, PROBE):
        return []
    what = f"The vault's log shows this adapter's address, {seen}, in place of its callers'."
    return [Finding(what, f'Set x_forwarded_for_authorized_addrs = "{seen}" in the listener of the vault.')]


async def _address_of(act: Act, settings: Settings, request: str) -> str | None:
    """From where the vault's log says that a request came; None where that cannot be found."""
    for _ in range(LOOKS):
        lines = await asyncio.to_thread(lines_of, logs_of(settings), request, nanoseconds_of(act.now))
        if lines:
            return str(json.loads(lines[0])["request"].get("remote_address", ""))
        await asyncio.sleep(BETWEEN)
    return None


check = Check("callers", "The callers' addresses in the vault's log", look)
