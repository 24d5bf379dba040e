"""The reports: a table with what it says, when and for which time it was made."""

from __future__ import annotations

from enum import StrEnum

from adapter.model.wire import Answer


class ReportName(StrEnum):
    UNUSED = "unused"
    NEVER_ROTATED = "never-rotated"
    EXPIRING = "expiring"
    ROTATION_DUE = "rotation-due"
    ACCESS_PER_SCOPE = "access-per-scope"
    ACTIVITY = "activity"


TITLES = {
    ReportName.UNUSED: "Secrets that nothing uses",
    ReportName.NEVER_ROTATED: "Secrets whose value was never replaced",
    ReportName.EXPIRING: "Secrets that expire",
    ReportName.ROTATION_DUE: "Secrets that are due for rotation",
    ReportName.ACCESS_PER_SCOPE: "Access to each scope",
    ReportName.ACTIVITY: "Activity by day",
}

Cell = str | int | None


class ReportColumn(Answer):
    """`kind`: `text`, `time` (ISO 8601) or `number`."""

    key: str
    label: str
    kind: str = "text"


class Report(Answer):
    """`rows` by the columns' keys. `start` and `end` are the time that it is about; None: it is about now.

    `known_since`: the audit log says nothing of what was before. `notes`: sentences about what the report cannot say.
    """

    name: str
    title: str
    about: str
    made_at: str
    made_by: str
    start: str | None = None
    end: str | None = None
    known_since: str | None = None
    notes: list[str] = []
    columns: list[ReportColumn]
    rows: list[dict[str, Cell]]
