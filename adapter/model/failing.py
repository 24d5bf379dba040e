"""One error for several things of which some failed, where it is all or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.errors import FieldProblem, Invalid, NotAllowed, NotFound, StatusError

MOST_NAMED = 20
"""How many places an error names."""


def combined(failed: Sequence[tuple[str, StatusError]], consequence: str) -> StatusError:
    """The error for what failed, by its place; `consequence` goes on after "…, so".

    What may go away comes before what is wrong for good: the others cannot be judged yet.
    """
    errors = [error for _, error in failed]
    passing = next((error for error in errors if not isinstance(error, Invalid | NotAllowed | NotFound)), None)
    if passing is not None:
        return passing
    kind = next(kind for kind in (Invalid, NotAllowed, NotFound) if any(isinstance(error, kind) for error in errors))
    first = next(error for error in errors if isinstance(error, kind))
    named = [FieldProblem(place, error.detail) for place, error in failed[:MOST_NAMED]]
    count = f"{len(failed)} of the references have no value" if len(failed) > 1 else "A reference has no value"
    return kind(f"{count}, so {consequence}: {first.detail}", hint=first.hint, fields=named)
