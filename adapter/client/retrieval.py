"""The calls that answer values."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from adapter.client.streaming import Streaming
from adapter.errors import OutcomeUnknown
from adapter.model.retrieval import (
    HydrateAnswer,
    HydrateRequest,
    RenderAnswer,
    RenderRequest,
    ResolveAnswer,
    Resolved,
    ResolveRequest,
    SecretChanged,
    Shape,
    ValueAnswer,
    ValueRequest,
    WrappedAnswer,
)


class Told(NamedTuple):
    """`kind`: `version`, `deleted` or `moved`; `event_id` is what to resume after."""

    event_id: str
    kind: str
    secret: SecretChanged


class Retrieval(Streaming):
    async def value(
        self, secret_id: str, *, version: int | None = None, field: str | None = None, reason: str | None = None
    ) -> ValueAnswer:
        """A secret's value, for callers with the right `use`."""
        body = ValueRequest(**_given(version=version, field=field, reason=reason))
        return await self._call("POST", f"secrets/{secret_id}/value", ValueAnswer, body=body, repeat=True)

    async def wrapped_value(
        self,
        secret_id: str,
        wrap: str = "60s",
        *,
        version: int | None = None,
        field: str | None = None,
        reason: str | None = None,
    ) -> WrappedAnswer:
        """A token that hands the value out once; `wrap` is 5 minutes at most.

        Whoever unwraps it sees the secret's metadata too; with `field` that one field alone.
        """
        body = ValueRequest(**_given(version=version, wrap=wrap, field=field, reason=reason))
        return await self._call("POST", f"secrets/{secret_id}/value", WrappedAnswer, body=body)

    async def resolve(self, refs: Sequence[str], *, reason: str | None = None) -> list[Resolved]:
        """Up to 1 000 references, in their order; each is answered on its own."""
        body = ResolveRequest(refs=list(refs), **_given(reason=reason))
        return (await self._call("POST", "resolve", ResolveAnswer, body=body, repeat=True)).results

    async def hydrate(
        self,
        controls: Any,
        *,
        default_environment: str | None = None,
        shape: Shape = "params",
        reason: str | None = None,
    ) -> Any:
        """Controls with the values of their `params.secretRefs`."""
        body = HydrateRequest(controls=controls, **_given(default_environment=default_environment, reason=reason))
        params = {"shape": shape} if shape != "params" else None
        return (await self._call("POST", "hydrate", HydrateAnswer, body=body, params=params, repeat=True)).controls

    async def render(self, document: Any, *, partial: bool = False, reason: str | None = None) -> RenderAnswer:
        """A document whose references are replaced by their values: all of them, or with `partial` what can be."""
        body = RenderRequest(document=document, partial=partial, **_given(reason=reason))
        return await self._call("POST", "render", RenderAnswer, body=body, repeat=True)

    async def changes(self, *, scope: str | None = None, after: str | None = None) -> AsyncGenerator[Told, None]:
        """New versions as they come, from the one after the id `after`; ends with the token.

        Raises Unreachable when the connection breaks; go on with the last id then.
        """
        async with self._stream("events", params={"scope": scope} if scope else None, after=after) as sent:
            async for one in sent:
                yield Told(one.id, one.event, _changed(one.data))


def _changed(data: str) -> SecretChanged:
    try:
        return SecretChanged.model_validate_json(data)
    except ValidationError:
        raise OutcomeUnknown(
            "The adapter's events could not be read.", hint="Adapter and client may be of different versions."
        ) from None


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
