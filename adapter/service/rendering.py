"""Render a document: each reference in its strings is replaced by its value, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapter.errors import FieldProblem, Invalid, NotAllowed, NotFound, StatusError
from adapter.model.references import Reference
from adapter.model.templates import Spot, filled, parsed, spots
from adapter.service.app import Act
from adapter.service.resolving import Found, Outcome, check_count, resolve

MOST_NAMED = 20
"""How many places an error names."""

PATH_LENGTH = 200

Outcomes = Mapping[str, Outcome]


@dataclass(frozen=True, slots=True, repr=False)
class Rendered:
    """`replaced`: a reference's path and text. `failed`: the same and why, for a part that stayed as it was."""

    document: Any
    replaced: list[tuple[str, str]]
    failed: list[tuple[str, str, StatusError]]


async def render(act: Act, document: Any, *, partial: bool = False) -> Rendered:
    """The document, changed in place. A string with a reference that fails stays whole, if `partial`.

    Raises what is in the way of the references otherwise; Invalid, TooLarge; and what `resolve` raises.
    """
    holder = [document]
    found = list(spots(holder))
    texts = [(spot, text) for spot in found for text in spot.references()]
    check_count(len(texts))
    outcomes = await _outcomes(act, {text for _, text in texts})
    failed = [(spot.path, text, error) for spot, text in texts if isinstance(error := outcomes[text], StatusError)]
    if failed and not partial:
        raise _refusal(failed)
    bad = {path for path, _, _ in failed}
    for spot in found:
        if spot.path not in bad:
            _fill(spot, outcomes)
    return Rendered(holder[0], [(spot.path, text) for spot, text in texts if spot.path not in bad], failed)


async def _outcomes(act: Act, texts: set[str]) -> dict[str, Outcome]:
    references = {text: parsed(text) for text in texts}
    found = await resolve(act, [one for one in references.values() if isinstance(one, Reference)])
    return {text: found[one] if isinstance(one, Reference) else one for text, one in references.items()}


def _fill(spot: Spot, outcomes: Outcomes) -> None:
    def value_of(text: str) -> str:
        outcome = outcomes[text]
        assert isinstance(outcome, Found)
        return outcome.value

    spot.holder[spot.key] = filled(spot.text, value_of)


def _refusal(failed: list[tuple[str, str, StatusError]]) -> StatusError:
    """One error for all that failed: what may go away before what is wrong with the document."""
    errors = [error for _, _, error in failed]
    passing = next((error for error in errors if not isinstance(error, Invalid | NotAllowed | NotFound)), None)
    if passing is not None:
        return passing
    kind = next(kind for kind in (Invalid, NotAllowed, NotFound) if any(isinstance(error, kind) for error in errors))
    first = next(error for error in errors if isinstance(error, kind))
    named = [FieldProblem(f"document{path[:PATH_LENGTH]}", error.detail) for path, _, error in failed[:MOST_NAMED]]
    count = f"{len(failed)} of the references have no value" if len(failed) > 1 else "A reference has no value"
    return kind(f"{count}, so nothing was rendered: {first.detail}", hint=first.hint, fields=named)
