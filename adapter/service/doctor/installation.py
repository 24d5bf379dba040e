"""What provisioning makes, compared with what is there: mounts, policies, groups, token roles, the audit device."""

from __future__ import annotations

from functools import partial

from adapter.provision import Wanted, perform
from adapter.provision.plan import make_plan
from adapter.provision.steps import Step
from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.settings import Settings


async def look(act: Act, settings: Settings) -> list[Finding]:
    """A finding for each step of provisioning that would change something, with the lines of its difference."""
    vault = act.session.vault
    wanted = Wanted(mount=vault.mount, approle_mount=vault.approle_mount, max_versions=settings.max_versions)
    found = []
    for step in await make_plan(act.session, wanted):
        if lines := await step.check():
            found.append(_finding(step, lines))
    return found


def _finding(step: Step, lines: list[str]) -> Finding:
    if step.apply is None:
        return Finding(f"{step.title}: {lines[0]}", " ".join(lines[1:]) or "status-secrets provision says how.")
    inner = "\n".join(["differs", *(f"  {line}" for line in lines)]) if lines != ["missing"] else "missing"
    what = f"{step.title}: {inner}"
    return Finding(what, "status-secrets provision, or doctor --repair, makes it.", partial(_make, step))


async def _make(step: Step) -> str:
    await perform([step])
    return f"{step.title}: made as it should be."


check = Check("installation", "Mounts, policies, groups, identities, audit device and audited headers", look)
