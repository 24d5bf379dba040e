"""The calls that answer values."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.client.calls import Calls
from adapter.model.retrieval import (
    ResolveAnswer,
    Resolved,
    ResolveRequest,
    ValueAnswer,
    ValueRequest,
    WrappedAnswer,
)


class Retrieval(Calls):
    async def value(
        self, secret_id: str, *, version: int | None = None, field: str | None = None, reason: str | None = None
    ) -> ValueAnswer:
        """A secret's value, for callers with the right `use`."""
        body = ValueRequest(**_given(version=version, field=field, reason=reason))
        return await self._call("POST", f"secrets/{secret_id}/value", ValueAnswer, body=body)

    async def wrapped_value(
        self, secret_id: str, wrap: str = "60s", *, version: int | None = None, reason: str | None = None
    ) -> WrappedAnswer:
        """A token that hands the value out once; `wrap` is 5 minutes at most."""
        body = ValueRequest(**_given(version=version, wrap=wrap, reason=reason))
        return await self._call("POST", f"secrets/{secret_id}/value", WrappedAnswer, body=body)

    async def resolve(self, refs: Sequence[str], *, reason: str | None = None) -> list[Resolved]:
        """Up to 1 000 references, in their order; each is answered on its own."""
        body = ResolveRequest(refs=list(refs), **_given(reason=reason))
        return (await self._call("POST", "resolve", ResolveAnswer, body=body)).results


def _given(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
