"""What the health place says: the vault, the session, the doctor's checks, the log's verification. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from adapter.errors import StatusError
from adapter.model.doctor import CheckView, FindingView
from adapter.model.sealing import Verification
from adapter.model.wire import Problem
from statustui.condition import SENTENCES, Condition, State
from statustui.plain_table import Row
from statustui.session import Session
from statustui.theme import STATUS, VARIABLES
from statustui.times import left, zoned
from statustui.wording import DASH, grouped, one_line, plural

_SIDE, _QUIET = VARIABLES["side"], VARIABLES["quiet"]
_GOOD, _BAD, _UNKNOWN = ("✓", STATUS.success or ""), ("!", STATUS.warning or ""), ("?", STATUS.warning or "")
_KINDS = {"openbao": "OpenBao", "vault": "HashiCorp Vault"}
LOG_TITLE = "The audit log against its seals"


@dataclass(frozen=True, slots=True)
class LogState:
    """The verification of the audit log: not begun, under way, or ended with one of the two."""

    running: bool = False
    verdict: Verification | None = None
    problem: StatusError | None = None


def summary(condition: Condition | None, name: str, session: Session, now: datetime) -> Content:
    """A line for the vault, one for what that means, one for the session."""
    who = " ".join(filter(None, (session.name, session.highest)))
    until = session.expires_at
    ends = f"{left(until, now)} · until {zoned(until)}" if until else "without an end"
    return Content.assemble(
        *_vault(condition, name),
        ("\nSession  ", "$quiet"),
        Content(one_line(f"{who} · {ends}")),
    )


def _vault(condition: Condition | None, name: str) -> list[Content | tuple[str, str]]:
    head: list[Content | tuple[str, str]] = [("Vault    ", "$quiet")]
    if condition is None:
        return [*head, Content(f"{one_line(name)} · …\n")]
    good = condition.state is State.OK
    kind = _KINDS.get(condition.vault, one_line(condition.vault))
    what = " · ".join(filter(None, (f"{kind} {one_line(condition.version)}".strip(), one_line(name))))
    sign = ("✓ ", "bold $success") if good else ("! ", "bold $error")
    words = (SENTENCES[condition.state], "$quiet" if good else "bold $error")
    return [*head, sign, Content(f"{what}\n         "), words]


def log_row(log: LogState) -> Row:
    if log.running:
        return [("…", _SIDE), (LOG_TITLE, ""), ("reading", _SIDE)]
    if log.problem is not None:
        return [_UNKNOWN, (LOG_TITLE, ""), ("not verified", _SIDE)]
    if log.verdict is None:
        return [(DASH, _SIDE), (LOG_TITLE, ""), ("L verifies", _SIDE)]
    if log.verdict.intact and not log.verdict.seals:
        return [_UNKNOWN, (LOG_TITLE, ""), ("no seals", _SIDE)]
    if log.verdict.intact:
        return [_GOOD, (LOG_TITLE, ""), ("intact", _SIDE)]
    return [_BAD, (LOG_TITLE, ""), (plural(len(log.verdict.damages), "damage"), STATUS.warning or "")]


def check_row(one: CheckView) -> Row:
    """Sign, title, and how many findings stand."""
    if one.problem is not None:
        return [_UNKNOWN, (one.title, ""), ("not looked at", _SIDE)]
    standing = sum(finding.done is None for finding in one.findings)
    if standing:
        return [_BAD, (one.title, ""), (plural(standing, "finding"), STATUS.warning or "")]
    return [_GOOD, (one.title, ""), ("mended" if one.findings else "", _SIDE)]


def check_words(one: CheckView) -> Content:
    """Each finding with how to mend it, or what was done."""
    if one.problem is not None:
        return Content.assemble(("It could not be looked at.\n", "bold"), _problem(one.problem))
    if not one.findings:
        return Content.styled("All is as it should be.", "$quiet")
    return Content("\n").join(_finding(finding) for finding in one.findings)


def _finding(one: FindingView) -> Content:
    if one.done is not None:
        return Content.assemble(_lines(one.what, "$quiet"), ("\n  ✓ ", "bold $success"), Content(one_line(one.done)))
    by = "R repairs it. " if one.repairable else ""
    parts = [_lines(one.what, ""), Content.styled("\n  → ", "bold $accent"), Content(f"{by}{one_line(one.mend)}")]
    if one.problem is not None:
        parts += [Content.styled("\n  ! ", "bold $error"), _problem(one.problem)]
    return Content.assemble(*parts)


def _lines(text: str, style: str) -> Content:
    """What differs is told in lines."""
    return Content.styled("\n".join(map(one_line, text.splitlines())), style)


def _problem(one: Problem | StatusError) -> Content:
    return Content(one_line(f"{one.detail} {one.hint}".strip()))


def log_words(log: LogState) -> Content:
    if log.running:
        return Content.styled("Every line is being read; with a large log that takes some seconds.", "$quiet")
    if log.problem is not None:
        return Content.assemble(("It could not be verified.\n", "bold"), _problem(log.problem))
    if log.verdict is None:
        words = "L reads the whole log, and says whether every line that was sealed is as it was."
        return Content.styled(words, "$quiet")
    return _verdict(log.verdict)


def _verdict(verdict: Verification) -> Content:
    if not verdict.seals and verdict.intact:
        words = f"Nothing is sealed yet, so nothing can be said of its {plural(verdict.unsealed, 'line')}."
        return Content.styled(words, "$quiet")
    until = f", the last at {verdict.until}" if verdict.until else ""
    counted = (
        f"{plural(verdict.sealed, 'line is', 'lines are')} as they were sealed, {plural(verdict.seals, 'seal')}{until}."
        f" {plural(verdict.unsealed, 'line')} came since."
    )
    if verdict.intact:
        return Content.styled(counted, "$quiet")
    damages = [
        Content.assemble(
            (f"{one.kind}: ", "bold $warning"),
            Content(one_line(f"{one.path}, lines {grouped(one.lines[0])} to {grouped(one.lines[1])}. {one.what}")),
        )
        for one in verdict.damages
    ]
    return Content("\n").join([*damages, Content.styled(counted, "$quiet")])


def repairable(checks: Sequence[CheckView]) -> dict[str, int]:
    """The names of the checks with something that the doctor can mend, and how much."""
    counted = {
        one.check: sum(finding.repairable and finding.done is None for finding in one.findings) for one in checks
    }
    return {name: count for name, count in counted.items() if count}
