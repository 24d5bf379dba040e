"""Provisioning: what STATUS needs on a server, shown first, then made; a second run changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from adapter.errors import Conflict
from adapter.provision.plan import make_plan
from adapter.provision.steps import Step
from adapter.provision.wanted import Wanted
from adapter.vault.session import Caller, Vault

__all__ = ["Finding", "Wanted", "apply", "check", "perform"]


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
    """Make everything that differs, and look again. Answers what is left for a person to do. Raises StatusError."""
    return await perform(await make_plan(vault.session(_caller(token)), wanted), report)


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
        await step.apply()
        if still := await step.check():
            raise Conflict(
                f"{step.title} was set, but the vault shows it otherwise ({still[0]}).",
                hint="Somebody may be changing it at the same time; run provision again.",
            )
    return left
