"""What the doctor found as others are told it, after it mended what it was asked to."""

from __future__ import annotations

from adapter.errors import StatusError
from adapter.model.doctor import CheckView, FindingView
from adapter.model.wire import Problem
from adapter.service.doctor.checks import Examined, Finding


async def told(one: Examined, *, repairing: bool) -> CheckView:
    """A check with its findings, each mended first where that is asked for and can be done."""
    return CheckView(
        check=one.check.name,
        title=one.check.title,
        findings=[await _told(finding, repairing=repairing) for finding in one.findings],
        problem=_problem(one.problem),
    )


async def _told(finding: Finding, *, repairing: bool) -> FindingView:
    done, problem = None, None
    if repairing and finding.repair is not None:
        try:
            done = await finding.repair()
        except StatusError as error:
            problem = error
    return FindingView(
        what=finding.what,
        mend=finding.mend,
        repairable=finding.repair is not None,
        done=done,
        problem=_problem(problem),
    )


def _problem(error: StatusError | None) -> Problem | None:
    return Problem.model_validate(error.body()) if error is not None else None
