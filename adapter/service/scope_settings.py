"""What a scope's own entry says: asked of Vault with the caller's token, kept for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from adapter.errors import Invalid, NotAllowed, NotFound
from adapter.model.address import Address, Scope
from adapter.vault.kv import KvStore
from adapter.vault.policies import SCOPES_FOLDER
from adapter.vault.session import VaultSession

REMEMBERED = 5.0
"""Seconds for which a scope's setting is used again."""

EXPIRED = "expired"
REFUSE = "refuse"


class ScopeSettings:
    """The settings seen in the last seconds. Nothing here that another process would miss."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refusing: dict[Scope, tuple[float, bool]] = {}

    async def refuses_expired(self, session: VaultSession, scope: Scope) -> bool:
        """Whether a scope's expired secrets are not handed out; so also where the caller may not see its settings."""
        kept = self._refusing.get(scope)
        now = self._clock()
        if kept is not None and kept[0] > now:
            return kept[1]
        try:
            entry = await KvStore(session).metadata(Address(f"{SCOPES_FOLDER}/{scope}"))
        except NotAllowed:
            return True
        except (NotFound, Invalid):
            return False
        refuses = entry.custom.get(EXPIRED) == REFUSE
        self._refusing[scope] = (now + REMEMBERED, refuses)
        return refuses
