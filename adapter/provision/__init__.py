"""Provisioning: what STATUS needs on a server, shown first, then made; a second run changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from pydantic import SecretStr

from adapter.errors import Conflict, Invalid, NotAllowed
from adapter.provision import steps
from adapter.provision.plan import make_plan
from adapter.provision.steps import Step
from adapter.provision.wanted import Wanted
from adapter.vault.kv import KvStore
from adapter.vault.session import Caller, Vault, VaultSession
from adapter.vault.turns import own_turn

__all__ = ["Finding", "Wanted", "apply", "check", "perform"]

TRIES = 4
"""How often a step is tried that another provisioning hinders."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as wanted: what, the differences a line each, and whether provisioning can mend it."""

    title: str
    differences: tuple[str, ...]
    mendable: bool


def _caller(token: SecretStr) -> Caller:
    return Caller(token, reason="provisioning", client="provision")


async def check(vault: Vault, token: SecretStr, wanted: Wanted) -> list[Finding]:
    """What differs from what is wanted. Changes nothing. Raises StatusError."""
    findings = []
    for step in await make_plan(vault.session(_caller(token)), wanted):
        if lines := await step.check():
            findings.append(Finding(step.title, tuple(lines), step.apply is not None))
    return findings


async def apply(
    vault: Vault, token: SecretStr, wanted: Wanted, report: Callable[[str], None] = lambda _: None
) -> list[Finding]:
    """Make everything that differs, and look again. Answers what is left for a person to do. Raises StatusError.

    Who changes scopes or grants meanwhile waits, so that no policy is made for scopes as they were a moment ago.
    """
    session = vault.session(_caller(token))
    async with _alone(session):
        return await perform(await make_plan(session, wanted), report)


@asynccontextmanager
async def _alone(session: VaultSession) -> AsyncIterator[None]:
    """Where STATUS's mount is there already; whoever may not write there is told so by the steps."""
    now = (await steps.read(session, "sys/mounts") or {}).get(f"{session.vault.mount}/") or {}
    async with AsyncExitStack() as stack:
        if now.get("type") == "kv" and (now.get("options") or {}).get("version") == "2":
            with suppress(Invalid, NotAllowed):
                await stack.enter_async_context(own_turn(KvStore(session), session.caller.request_id))
        yield


async def perform(plan: list[Step], report: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """Make what differs, step by step, and look again. Answers what is left for a person to do. Raises StatusError."""
    left = []
    for step in plan:
        lines = await step.check()
        if not lines:
            continue
        if step.apply is None:
            left.append(Finding(step.title, tuple(lines), False))
            continue
        report(step.title)
        await _make(step)
        if still := await step.check():
            raise Conflict(
                f"{step.title} was set, but the vault shows it otherwise ({still[0]}).",
                hint="Somebody may be changing it at the same time; run provision again.",
            )
    return left


async def _make(step: Step) -> None:
    """Two first provisionings at once get in each other's way; then the other one was faster, or it is tried again."""
    assert step.apply is not None
    for attempt in range(TRIES):
        try:
            await step.apply()
        except (Conflict, Invalid):
            if not await step.check():
                return
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(0.1 * (attempt + 1))
        else:
            return
