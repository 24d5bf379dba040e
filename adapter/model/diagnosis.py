"""The JSON body of why a secret may not be working."""

from __future__ import annotations

from typing import Literal

from adapter.model.audit import Event
from adapter.model.wire import Answer

Result = Literal["ok", "problem", "unknown"]


class Finding(Answer):
    """One thing that was looked at: `there`, `version`, `expiry`, `scope`, `signing_in`, `right` or `uses`."""

    check: str
    result: Result
    message: str
    hint: str = ""


class Diagnosis(Answer):
    """What may be wrong with a secret, or with somebody's access to it; `summary` says it in one sentence.

    `last_good` and `last_refused` are the newest uses in the audit log, of that component or person if one was named;
    `known_since`: the log says nothing of what was before, None where no log is read or the caller may not see it.
    """

    secret: str
    address: str
    who: str | None
    summary: str
    findings: list[Finding]
    last_good: Event | None = None
    last_refused: Event | None = None
    known_since: str | None = None
