"""The calls about scopes, grants, components and people, for ADMINs."""

from __future__ import annotations

from urllib.parse import quote

from pydantic import TypeAdapter

from adapter.client.calls import Calls, typed, why
from adapter.model.access import (
    ComponentAdd,
    ComponentRotate,
    ComponentView,
    Credentials,
    GrantChange,
    GrantView,
    PersonAdd,
    PersonPassword,
    PersonSaved,
    PersonView,
    ScopeSave,
    ScopeView,
    Switch,
    Switched,
)
from adapter.model.diagnosis import Diagnosis
from adapter.model.rights import AccessView, CanI, TemporaryAccess, TemporaryGrant, TemporaryView, Verdict
from adapter.model.wire import dump

_SCOPES = TypeAdapter(list[ScopeView])
_GRANTS = TypeAdapter(list[GrantView])
_COMPONENTS = TypeAdapter(list[ComponentView])
_VERDICTS = TypeAdapter(list[Verdict])
_ACCESS = TypeAdapter(list[AccessView])
_TEMPORARY = TypeAdapter(list[TemporaryView])
_DIAGNOSIS = TypeAdapter(Diagnosis)
_PEOPLE = TypeAdapter(list[PersonView])


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

    async def components(self) -> list[ComponentView]:
        """Every component, and where it holds USE."""
        return typed(_COMPONENTS, await self._send("GET", "components"))

    async def add_component(self, body: ComponentAdd) -> Credentials:
        """Add a component; its secret id comes wrapped."""
        return await self._call("POST", "components", Credentials, body=body)

    async def rotate_component(self, name: str, body: ComponentRotate) -> Credentials:
        """A new secret id; every earlier one and every token is revoked."""
        return await self._call("POST", f"components/{quoted(name)}/rotate", Credentials, body=body)

    async def remove_component(self, name: str, *, reason: str | None = None) -> None:
        """Remove a component with its secret ids, tokens and grants."""
        await self._send("DELETE", f"components/{quoted(name)}", content=dump(why(reason), only_set=True))

    async def people(self) -> list[PersonView]:
        """Everybody whom the vault knows."""
        return typed(_PEOPLE, await self._send("GET", "people"))

    async def add_person(self, body: PersonAdd) -> PersonSaved:
        """Add somebody who signs in with a user name."""
        return await self._call("POST", "people", PersonSaved, body=body)

    async def new_password(self, name: str, body: PersonPassword) -> PersonSaved:
        """Replace somebody's password."""
        return await self._call("POST", f"people/{quoted(name)}/password", PersonSaved, body=body)

    async def remove_person(self, name: str, *, reason: str | None = None) -> None:
        """Remove somebody with their user name, tokens and grants."""
        await self._send("DELETE", f"people/{quoted(name)}", content=dump(why(reason), only_set=True))

    async def disable(self, who: str, *, reason: str | None = None) -> Switched:
        """Refuse `person:erika` from now on."""
        return await self._call("POST", "access/disable", Switched, body=_switch(who, reason))

    async def enable(self, who: str, *, reason: str | None = None) -> Switched:
        """Let them sign in again."""
        return await self._call("POST", "access/enable", Switched, body=_switch(who, reason))

    async def can_i(self, body: CanI) -> list[Verdict]:
        """A verdict for each act, in their order; `who` is for ADMINs."""
        return typed(_VERDICTS, await self._send("POST", "can-i", content=dump(body, only_set=True), repeat=True))

    async def who_can_use(self, secret_id: str) -> list[AccessView]:
        """Who can view, change and use a secret, through which grant."""
        return typed(_ACCESS, await self._send("GET", f"secrets/{secret_id}/access"))

    async def diagnose(self, secret_id: str, *, component: str | None = None, person: str | None = None) -> Diagnosis:
        """Why a secret may not be working, for oneself, or as an ADMIN for a component or person."""
        params = {name: value for name, value in (("component", component), ("person", person)) if value is not None}
        return typed(_DIAGNOSIS, await self._send("GET", f"secrets/{secret_id}/diagnose", params=params))

    async def give_temporary(self, secret_id: str, body: TemporaryGrant) -> TemporaryAccess:
        """A wrapped token that reads this one secret."""
        return await self._call("POST", f"secrets/{secret_id}/temporary-access", TemporaryAccess, body=body)

    async def temporary(self) -> list[TemporaryView]:
        """Every temporary access that has not ended yet."""
        return typed(_TEMPORARY, await self._send("GET", "temporary-access"))

    async def take_temporary_back(self, access_id: str, *, reason: str | None = None) -> None:
        """End a temporary access at once."""
        await self._send("DELETE", f"temporary-access/{quoted(access_id)}", content=dump(why(reason), only_set=True))


def _switch(who: str, reason: str | None) -> Switch:
    return Switch(who=who, reason=reason) if reason else Switch(who=who)


def quoted(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")
