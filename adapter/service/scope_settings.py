"""What a scope's own entry says: asked of Vault with the caller's token, kept for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from adapter.errors import Invalid, NotAllowed, NotFound
from adapter.model.address import Address, Scope
from adapter.vault.kv import KvStore
from adapter.vault.policies import SCOPES_FOLDER
from adapter.vault.session import VaultSession

REMEMBERED = 5.0
"""Seconds for which a scope's settings are used again."""

EXPIRED, REFUSE = "expired", "refuse"
REQUIRE_REASON, YES = "require_reason", "true"

Settings = Mapping[str, str]


class ScopeSettings:
    """The settings seen in the last seconds. Nothing here that another process would miss."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Scope, tuple[float, Settings]] = {}

    async def refuses_expired(self, session: VaultSession, scope: Scope) -> bool:
        """Whether a scope's expired secrets are not handed out; so also where the caller may not see its settings."""
        settings = await self._of(session, scope)
        return settings is None or settings.get(EXPIRED) == REFUSE

    async def requires_reason(self, session: VaultSession, scope: Scope) -> bool:
        """Whether every change in a scope needs a reason; not for who may not see its settings: Vault refuses them."""
        settings = await self._of(session, scope)
        return settings is not None and settings.get(REQUIRE_REASON) == YES

    def forget(self) -> None:
        """Ask anew: somebody has changed a scope's settings."""
        self._kept.clear()

    async def _of(self, session: VaultSession, scope: Scope) -> Settings | None:
        """The settings, none for a scope without an entry; None where the caller may not see them."""
        kept = self._kept.get(scope)
        now = self._clock()
        if kept is not None and kept[0] > now:
            return kept[1]
        try:
            entry = await KvStore(session).metadata(Address(f"{SCOPES_FOLDER}/{scope}"))
        except NotAllowed:
            return None
        except (NotFound, Invalid):
            return {}
        self._kept[scope] = (now + REMEMBERED, entry.custom)
        return entry.custom
