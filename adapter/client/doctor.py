"""The calls of the doctor, for ADMINs."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter

from adapter.client.calls import Calls, typed
from adapter.model.doctor import CheckView, Repair
from adapter.model.wire import dump

_CHECKS = TypeAdapter(list[CheckView])


class Doctor(Calls):
    async def doctor(self) -> list[CheckView]:
        """Every check with what it found; nothing is changed."""
        return typed(_CHECKS, await self._send("GET", "doctor"))

    async def repair(self, checks: Sequence[str] | None = None, *, reason: str | None = None) -> list[CheckView]:
        """Mend what can be mended, of these checks or of all."""
        given = {"checks": None if checks is None else list(checks), "reason": reason}
        body = Repair.model_validate({name: value for name, value in given.items() if value is not None})
        return typed(_CHECKS, await self._send("POST", "doctor/repair", content=dump(body, only_set=True)))
