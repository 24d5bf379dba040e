"""What a check of the doctor is, and what it finds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapter.errors import StatusError
from adapter.service.app import Act
from adapter.settings import Settings

Repair = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is not as it should be, and how to `mend` it, a sentence each; never a value.

    `repair` mends it with the caller's own rights and answers what it did, in a sentence; it looks again first. None:
    a person must.
    """

    what: str
    mend: str
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at: its name for scripts, its title for people. `look` changes nothing and may raise."""

    name: str
    title: str
    look: Callable[[Act, Settings], Awaitable[list[Finding]]]


@dataclass(frozen=True, slots=True)
class Examined:
    """A check that was made; `problem`: why it could not be."""

    check: Check
    findings: list[Finding]
    problem: StatusError | None = None
