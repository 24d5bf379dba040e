"""The intent of an act that reads or writes many secrets of a scope for somebody: it stands in the scope's own entry.

ADMIN alone may change that entry, so Vault decides, and logs, whether they may, before the first token is minted.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from adapter.errors import NotFound, StatusError
from adapter.model.address import Scope
from adapter.model.intents import PREFIX, reading_note, settled
from adapter.model.records import iso
from adapter.model.roles import Role
from adapter.service.app import Act
from adapter.service.refusals import explained
from adapter.service.scopes import entry_of


@dataclass(slots=True)
class ScopeIntents:
    """`name` of the act as the log has it (`backed_up`), `words` for who may not ("Backing up").

    An intent is written once for each scope, and stays until `clear`.
    """

    act: Act
    name: str
    words: str
    _asked: set[Scope] = field(default_factory=set)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def _key(self) -> str:
        return PREFIX + self.act.session.caller.request_id[:12]

    async def ask(self, scope: Scope) -> None:
        """Write it with the caller's own token. Raises NotAllowed. A scope that is not there has no secrets of ours."""
        async with self._lock:
            if scope in self._asked:
                return
            entry, act = entry_of(scope), self.act
            note = reading_note(self.name, (await act.identity()).name, iso(act.now), act.reason, [])
            with explained(self.words, str(scope), Role.ADMIN), suppress(NotFound):
                left = settled((await act.store.metadata(entry)).custom, {}, act.now)
                await act.store.patch_custom(entry, left | {self._key: note})
                self._asked.add(scope)

    async def clear(self) -> None:
        """Take them away; one that cannot be is cleared by the next, or by the doctor."""
        while self._asked:
            with suppress(StatusError):
                await self.act.store.patch_custom(entry_of(self._asked.pop()), {self._key: None})
