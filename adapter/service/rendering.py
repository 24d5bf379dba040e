"""Render a document: each reference in its strings is replaced by its value, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapter.errors import StatusError
from adapter.model.failing import combined
from adapter.model.references import Reference
from adapter.model.served import Found
from adapter.model.templates import Spot, filled, parsed, spots
from adapter.service.app import Act
from adapter.service.resolving import Outcome, check_count, resolve

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
        places = [(f"document{path[:PATH_LENGTH]}", error) for path, _, error in failed]
        raise combined(places, "nothing was rendered")
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
