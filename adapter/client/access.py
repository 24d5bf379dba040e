"""The calls about scopes and grants, for ADMINs."""

from __future__ import annotations

from pydantic import TypeAdapter

from adapter.client.calls import Calls, typed, why
from adapter.model.access import GrantChange, GrantView, ScopeSave, ScopeView
from adapter.model.wire import dump

_SCOPES = TypeAdapter(list[ScopeView])
_GRANTS = TypeAdapter(list[GrantView])


class Access(Calls):
    async def scopes(self) -> list[ScopeView]:
        """Every scope with its settings and counts."""
        return typed(_SCOPES, await self._send("GET", "scopes"))

    async def save_scope(self, body: ScopeSave) -> ScopeView:
        """Add a scope, or change the settings of one that is there."""
        return await self._call("POST", "scopes", ScopeView, body=body)

    async def retire_scope(self, scope: str, *, reason: str | None = None) -> None:
        """Retire `environment/staging`; it must hold no secrets. Raises Conflict."""
        path = f"scopes/{scope.replace('/', '~')}"
        await self._send("DELETE", path, content=dump(why(reason), only_set=True))

    async def grants(self, *, who: str | None = None, scope: str | None = None) -> list[GrantView]:
        """Who has which role where."""
        params = {name: value for name, value in (("who", who), ("scope", scope)) if value is not None}
        return typed(_GRANTS, await self._send("GET", "grants", params=params))

    async def grant(self, body: GrantChange) -> GrantView:
        """Give somebody a role in a scope."""
        return await self._call("POST", "grants", GrantView, body=body)

    async def revoke(self, body: GrantChange) -> None:
        """Take a role back. Raises NotFound when it was not granted."""
        await self._send("DELETE", "grants", content=dump(body, only_set=True))
