"""What is said about a version of a secret. Pure."""

from __future__ import annotations

from adapter.model.wire import VersionView

OUTSIDE = "written outside STATUS"
_ORIGINS = {"created": "created", "updated": "new value", "renamed": "keeps the numbering", "outside": OUTSIDE}


def origin(version: VersionView) -> str:
    """How it came about; an origin that this program does not know as it came."""
    if version.rolled_back_from is not None:
        return f"rolled back from {version.rolled_back_from}"
    return _ORIGINS.get(version.origin) or version.origin.replace("_", " ")


def unrecorded(version: VersionView) -> bool:
    """Whether it was written without STATUS, so that nobody's name and reason are kept."""
    return version.origin == "outside" and "record_missing" in version.flags


def beside_reason(version: VersionView) -> str:
    """What stands with the reason in the table: where the value comes from, if not from a form."""
    return origin(version) if version.rolled_back_from is not None or unrecorded(version) else ""


def reason_cell(version: VersionView) -> str:
    return " · ".join(filter(None, (beside_reason(version), version.reason)))
