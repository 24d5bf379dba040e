"""Seals the audit log at intervals with the adapter's own identity, and verifies it against its seals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from pydantic import SecretStr

from adapter.audit.files import absolute
from adapter.audit.follow import WriterLock
from adapter.audit.sealing import Unsealed, unsealed
from adapter.audit.seals import BEGINNING, Seal, SealBook, chained
from adapter.audit.verify import verify
from adapter.errors import Invalid, StatusError
from adapter.model.records import iso
from adapter.model.sealing import DamageView, Verification
from adapter.service.app import Act, utc_now
from adapter.service.auditing import logs_of, own_place
from adapter.service.background import beside
from adapter.service.managing import for_admins
from adapter.service.own_identity import OwnIdentity
from adapter.settings import Settings
from adapter.vault import signing
from adapter.vault.session import Caller

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Sealer:
    """Seals what is new in `logs`; of all adapter processes of a host, the one that holds the lock."""

    own: OwnIdentity
    logs: tuple[Path, ...]
    book: SealBook
    mount: str
    now: Callable[[], datetime] = utc_now

    async def seal(self) -> int:
        """How many seals were made. Raises StatusError, OSError."""
        seals, _ = await asyncio.to_thread(self.book.seals)
        found = await asyncio.to_thread(lambda: list(unsealed(self.logs, seals, self._own_lines)))
        for part in found:
            seal = await self._signed(part, seals)
            await asyncio.to_thread(self.book.add, seal, part.digests)
            seals.append(seal)
        return len(found)

    @property
    def _own_lines(self) -> bytes:
        return own_lines(self.mount)

    async def _signed(self, part: Unsealed, seals: list[Seal]) -> Seal:
        previous = seals[-1].digest if seals else BEGINNING
        seal = Seal(
            number=len(seals) + 1,
            time=iso(self.now()),
            print=part.print,
            path=str(part.path),
            first=part.first,
            lines=part.count,
            offset=part.offset,
            previous=previous,
            digest=chained(previous, part.print, part.first, part.digests),
        )
        caller = Caller(SecretStr(""), client="adapter")
        signature = await self.own.use(caller, lambda session: signing.sign(session, seal.digest))
        return msgspec.structs.replace(seal, signature=signature)


def own_lines(mount: str) -> bytes:
    """What stands in each line of the log that sealing makes."""
    return f'"path":"{signing.sign_path(mount)}"'.encode()


def book_of(settings: Settings) -> SealBook:
    """Each log has its own: a seal follows the one before it, and another vault has another key."""
    return SealBook(absolute(settings.audit_seals or own_place(logs_of(settings), "audit-seals")))


@asynccontextmanager
async def sealing(settings: Settings, own: OwnIdentity | None) -> AsyncIterator[None]:
    """Seals now, then at intervals, while this lasts; nothing without a log, an own identity, or an interval."""
    if own is None or not settings.audit_log or not settings.audit_seal_every:
        yield
        return
    sealer = Sealer(own, logs_of(settings), book_of(settings), settings.mount)
    async with beside(_every(settings.audit_seal_every, sealer)):
        yield


async def _every(seconds: int, sealer: Sealer) -> None:
    lock = WriterLock(sealer.book.folder / "seals")
    try:
        while True:
            try:
                if lock.acquire():
                    await sealer.seal()
            except StatusError as error:
                log.warning("the audit log was not sealed: %s", error.code)
            except OSError as error:
                log.warning("the audit log was not sealed: %s", error.strerror)
            except Exception as error:  # noqa: BLE001  the named boundary of sealing: it goes on at the next interval
                log.error("the audit log was not sealed: unforeseen %s", type(error).__name__)  # noqa: TRY400
            await asyncio.sleep(seconds)
    finally:
        lock.release()


async def verification(act: Act, settings: Settings) -> Verification:
    """Every seal and every sealed line, looked at with the vault's public key. Raises Invalid, NotAllowed."""
    if not settings.audit_log:
        raise Invalid("This adapter reads no audit log.", hint="Whoever runs it sets STATUS_AUDIT_LOG.")
    with for_admins("Verifying the audit log"):
        keys = await signing.public_keys(act.session)
    logs = logs_of(settings)

    def genuine(seal: Seal) -> bool:
        return signing.is_genuine(keys, seal.digest, seal.signature)

    try:
        verdict = await asyncio.to_thread(verify, logs, book_of(settings), genuine, own_lines(settings.mount))
    except OSError as error:
        problem = f"The log or its seals cannot be read ({error.strerror})."
        raise Invalid(problem, hint="Check who may read them.") from None
    return Verification(
        intact=not verdict.damages,
        sealed=verdict.sealed,
        unsealed=verdict.unsealed,
        seals=verdict.seals,
        until=verdict.until,
        damages=[
            DamageView(kind=one.kind.value, path=one.path, lines=one.lines, what=one.what) for one in verdict.damages
        ],
    )
