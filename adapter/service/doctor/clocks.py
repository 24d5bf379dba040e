"""Whether this machine's clock and the vault's agree: tokens, records and the log are dated by both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapter.model.intents import CLOCKS_DIFFER
from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.settings import Settings

TOLERATED = timedelta(seconds=5)


async def look(act: Act, settings: Settings) -> list[Finding]:
    """One finding when they are further apart than the way there and back explains."""
    asked = act.now
    vault = datetime.fromtimestamp(await act.session.vault.time(), UTC)
    answered = act.now
    behind = max(asked - TOLERATED - vault, timedelta(0))
    ahead = max(vault - answered - TOLERATED, timedelta(0))
    if not behind and not ahead:
        return []
    apart = (behind or ahead) + TOLERATED
    grave = " Acts cannot be told from older ones any more." if apart > CLOCKS_DIFFER else ""
    where = "behind" if behind else "ahead of"
    what = f"The vault's clock is about {round(apart.total_seconds(), -1):.0f} s {where} this machine's.{grave}"
    return [Finding(what, "Let both machines keep time by NTP.")]


check = Check("clocks", "The clocks of the vault and of this machine", look)
