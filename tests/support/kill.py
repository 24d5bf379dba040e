"""Run an act in a process of its own and kill it (SIGKILL) before or after its n-th request to the vault."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapter.errors import StatusError
from adapter.service.acting import ActingIdentity
from adapter.service.app import Act, Services
from adapter.vault import Caller
from adapter.vault.transport import Transport
from tests.support.server import Person, Server

Acting = Callable[[Act], Awaitable[object]]


@dataclass(frozen=True)
class KillPoint:
    request: int
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} request {self.request}"


def _arm(point: KillPoint) -> None:
    """From now on this process ends at `point`."""
    send = Transport._send_once
    count = 0

    async def counted(self: Transport, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count == point.request and not point.after:
            os.kill(os.getpid(), signal.SIGKILL)
        number = count
        try:
            return await send(self, *arguments)
        finally:
            if number == point.request and point.after:
                os.kill(os.getpid(), signal.SIGKILL)

    Transport._send_once = counted  # type: ignore[method-assign]


async def perform(
    server: Server,
    person: Person,
    reason: str,
    acting: Acting,
    adapter: tuple[str, Any] | None,
    later: timedelta = timedelta(0),
) -> None:
    """One act of one person, straight at the service, by a clock that is `later`."""
    async with server.vault() as vault:
        identity = ActingIdentity(vault, *adapter) if adapter else None
        services = Services(vault, acting=identity, now=lambda: datetime.now(UTC) + later)
        await acting(services.act(Caller(person.token, reason=reason)))


def killed_at(
    point: KillPoint, server: Server, person: Person, reason: str, acting: Acting, adapter: tuple[str, Any] | None
) -> bool:
    """Whether the act was killed at that point; False when it needs fewer requests and came to its end."""
    child = os.fork()
    if child == 0:
        try:
            _arm(point)
            asyncio.run(perform(server, person, reason, acting, adapter))
        except StatusError:
            os._exit(3)
        else:
            os._exit(0)
        finally:  # whatever else was raised: nothing of the test session's may run twice
            os._exit(4)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, f"the act failed {point}"
    return False
