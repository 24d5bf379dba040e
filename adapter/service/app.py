"""What every use case is given: the server, the clock, and who calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adapter.audit.unusual.expiries import Expiries
from adapter.audit.unusual.watch import UnusualWatch
from adapter.audit.view import AuditView
from adapter.service.accounts import Accounts
from adapter.service.acting import ActingIdentity
from adapter.service.identity import Identities, Identity
from adapter.service.scope_settings import ScopeSettings
from adapter.vault.kv import KvStore
from adapter.vault.session import Caller, Vault, VaultSession


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Services:
    """One adapter process's parts, shared by all its requests."""

    vault: Vault
    acting: ActingIdentity | None = None
    now: Callable[[], datetime] = utc_now
    identities: Identities = field(default_factory=Identities)
    senders: dict[bytes, tuple[float, Path]] = field(default_factory=dict)
    scope_settings: ScopeSettings = field(default_factory=ScopeSettings)
    auth_methods: tuple[str, ...] = ()
    managing: asyncio.Lock = field(default_factory=asyncio.Lock)
    accounts: Accounts | None = None
    audit: AuditView | None = None
    unusual: UnusualWatch | None = None
    unusual_off: frozenset[str] = frozenset()
    expiries: Expiries = field(default_factory=Expiries)

    def act(self, caller: Caller) -> Act:
        return Act(self, self.vault.session(caller))


@dataclass(slots=True)
class Act:
    """One request of one caller."""

    services: Services
    session: VaultSession

    @property
    def store(self) -> KvStore:
        return KvStore(self.session)

    @property
    def now(self) -> datetime:
        return self.services.now()

    @property
    def reason(self) -> str:
        return self.session.caller.reason

    async def identity(self) -> Identity:
        """Raises NotSignedIn."""
        return await self.services.identities.of(self.session)
