"""Query parameters that a call does not know are refused: a filter with a typo in its name would list everything."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import BaseModel

from adapter.errors import Invalid


async def only_known_query(request: Request) -> None:
    """Raises Invalid, naming what there is; the name that was sent is input, so it is not repeated."""
    if not request.url.query:
        return
    known = _known(request.scope["route"].dependant)
    if not set(request.query_params) <= known:
        raise Invalid(
            "There is a query parameter that this call does not know.",
            hint=f"It knows: {', '.join(sorted(known))}." if known else "It takes none.",
        )


def _known(dependant: Any) -> frozenset[str]:
    """The names of a route's query parameters, those of its dependencies and of models among them too."""
    names: set[str] = set()
    for parameter in dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= {field.alias or name for name, field in kind.model_fields.items()}
        else:
            names.add(parameter.alias)
    for needed in dependant.dependencies:
        names |= _known(needed)
    return frozenset(names)
