"""The JSON bodies of the doctor: what is not as it should be, and what was mended."""

from __future__ import annotations

from adapter.model.wire import Answer, Problem, Reasoned


class FindingView(Answer):
    """`what` is not as it should be, and how to `mend` it, a sentence each.

    `repairable`: the doctor can mend it; `done`: what it did, None while the finding stands; `problem`: why mending
    failed.
    """

    what: str
    mend: str
    repairable: bool
    done: str | None = None
    problem: Problem | None = None


class CheckView(Answer):
    """One thing that was looked at; `problem`: why it could not be."""

    check: str
    title: str
    findings: list[FindingView]
    problem: Problem | None = None


class Repair(Reasoned):
    """`checks`: the names of those whose findings shall be mended; None: all."""

    checks: list[str] | None = None
