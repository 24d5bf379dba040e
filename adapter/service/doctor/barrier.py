"""The key under which the vault encrypts all that it stores, with AES-256-GCM: its age, and whether it rotates."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from adapter.errors import NotAllowed, NotSignedIn
from adapter.model.records import parse_time
from adapter.provision.wanted import ROTATION_INTERVAL
from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.settings import Settings
from adapter.vault.answers import decode_any

OLD = timedelta(days=400)
GO_DURATION = re.compile(r"(\d+)h(\d+)m(\d+)s")
ROTATE = f"bao write sys/rotate/config interval={ROTATION_INTERVAL}"


async def look(act: Act, settings: Settings) -> list[Finding]:
    """Findings for a key that is never rotated by time, or that is older than its interval allows.

    None for who sees a namespace alone: the key is the whole server's.
    """
    root = act.session.vault.of_root
    try:
        _, content = await act.session.send("GET", "sys/key-status", headers=root)
        age = _age(decode_any(content), act.now)
        _, content = await act.session.send("GET", "sys/rotate/config", headers=root)
    except (NotAllowed, NotSignedIn):
        if act.session.vault.in_namespace:
            return []
        raise
    config = decode_any(content)
    interval = _interval(config.get("interval"))
    if not config.get("enabled") or not interval:
        return [Finding(f"The barrier key ({age.days} days old) is not rotated by time.", f"Set an interval: {ROTATE}")]
    if age > max(2 * interval, timedelta(days=2)) or age > OLD:
        return [Finding(f"The barrier key is {age.days} days old.", "Rotate it: bao operator rotate")]
    return []


def _age(status: dict[str, Any], now: datetime) -> timedelta:
    installed = parse_time(str(status.get("install_time", "")))
    return now - installed if installed else timedelta(0)


def _interval(told: object) -> timedelta:
    """`720h0m0s`, as both servers tell it; 0 for none."""
    match = GO_DURATION.fullmatch(str(told))
    return timedelta(hours=int(match[1]), minutes=int(match[2]), seconds=int(match[3])) if match else timedelta(0)


check = Check("barrier-key", "The vault's own encryption key (AES-256-GCM): age and rotation", look)
