"""When secrets expire: Vault's log has no expiry, so it is learnt from the metadata that callers look at anyway."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from adapter.model.records import parse_time


class Expiries(Mapping[str, float]):
    """By a secret's address, in seconds since 1970. It is told, and asked, by several threads."""

    def __init__(self) -> None:
        self._times: dict[str, float] = {}
        self._changed: set[str] = set()
        self._lock = threading.Lock()

    def learn(self, address: str, expires_at: str | None) -> None:
        """What a secret's metadata says now; None: that it does not expire."""
        moment = parse_time(expires_at) if expires_at else None
        expiry = moment.timestamp() if moment else None
        if self._times.get(address) == expiry:
            return
        with self._lock:
            self._changed.add(address)
            if expiry is None:
                self._times.pop(address, None)
            else:
                self._times[address] = expiry

    def news(self) -> set[str]:
        """Those of which something else was learnt since the last time."""
        if not self._changed:
            return set()
        with self._lock:
            changed, self._changed = self._changed, set()
        return changed

    def __getitem__(self, address: str) -> float:
        return self._times[address]

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._times))

    def __len__(self) -> int:
        return len(self._times)
