"""The call that verifies the audit log."""

from __future__ import annotations

from adapter.client.calls import READING_THE_LOG, Calls
from adapter.model.sealing import Verification


class Sealing(Calls):
    async def verify_log(self) -> Verification:
        """The adapter's log against its seals; it takes some seconds for a large one."""
        return await self._call("GET", "audit/verify", Verification, within=READING_THE_LOG)
