"""Tokens that last longer than they should: root tokens that are still alive, sign-ins without an end."""

from __future__ import annotations

from adapter.provision.plan import managed_userpass
from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.service.doctor.rights import each_below
from adapter.settings import Settings
from adapter.vault import accessors, identity

LONGEST_SESSION = 24 * 3600
"""Seconds."""


async def look(act: Act, settings: Settings) -> list[Finding]:
    """One finding for root tokens, one for user names whose sessions have no limit or one of over a day."""
    return [*await _roots(act), *await _sessions(act)]


async def _roots(act: Act) -> list[Finding]:
    ids = await identity.names(act.session, "auth/token/accessors")
    tokens = await identity.each(ids, lambda accessor: accessors.look(act.session, accessor))
    roots = [token for token in tokens.values() if "root" in token.policies]
    if not roots:
        return []
    lasting = sum(token.expire_time is None for token in roots)
    what = f"{len(roots)} root token{'s are' if len(roots) > 1 else ' is'} alive, {lasting} of them without an end."
    return [Finding(what, "Whoever holds one revokes it when its work is done: bao token revoke -self")]


async def _sessions(act: Act) -> list[Finding]:
    mount = await managed_userpass(act.session)
    if mount is None:
        return []
    users = await each_below(act, f"auth/{mount}/users")
    long = sorted(name for name, body in users.items() if not 0 < body.get("token_max_ttl", 0) <= LONGEST_SESSION)
    if not long:
        return []
    what = f"Sessions of {len(long)} user names of {mount}/ may last longer than a day: {', '.join(long[:5])}."
    return [Finding(what, f"bao write auth/{mount}/users/NAME token_ttl=1h token_max_ttl=12h")]


check = Check("tokens", "Root tokens, and sessions without an end", look)
