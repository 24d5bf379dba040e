"""The calls about secrets and their versions."""

from __future__ import annotations

from pydantic import TypeAdapter

from adapter.client.calls import Calls, typed, why
from adapter.model.comparing import Comparison
from adapter.model.wire import Rollback, SecretCreate, SecretPatch, SecretSaved, SecretView, VersionView, dump

_SECRETS = TypeAdapter(list[SecretView])
_VERSIONS = TypeAdapter(list[VersionView])


class Secrets(Calls):
    async def secrets(self, *, scope: str | None = None) -> list[SecretView]:
        """Every secret that the caller may view, sorted by scope and name."""
        answer = await self._send("GET", "secrets", params={"scope": scope} if scope else None)
        return typed(_SECRETS, answer)

    async def secret(self, secret_id: str) -> SecretView:
        return await self._call("GET", f"secrets/{secret_id}", SecretView)

    async def create(self, secret: SecretCreate) -> SecretSaved:
        """Create a secret; the answer carries its value, this once."""
        return await self._call("POST", "secrets", SecretSaved, body=secret)

    async def edit(self, secret_id: str, change: SecretPatch) -> SecretSaved:
        """Change details; a `value` in the change makes a new version."""
        return await self._call("PATCH", f"secrets/{secret_id}", SecretSaved, body=change)

    async def delete(self, secret_id: str, *, reason: str | None = None) -> None:
        """Remove a secret for good, all versions."""
        await self._send("DELETE", f"secrets/{secret_id}", content=dump(why(reason), only_set=True))

    async def versions(self, secret_id: str) -> list[VersionView]:
        """A secret's versions, newest first."""
        return typed(_VERSIONS, await self._send("GET", f"secrets/{secret_id}/versions"))

    async def roll_back(self, secret_id: str, body: Rollback) -> VersionView:
        """A new version that copies an earlier one."""
        return await self._call("POST", f"secrets/{secret_id}/rollback", VersionView, body=body)

    async def compare(self, secret_id: str, source: int, to: int) -> Comparison:
        """Which fields differ between two versions; never their values."""
        params = {"from": str(source), "to": str(to)}
        answer = await self._send("GET", f"secrets/{secret_id}/compare", params=params)
        return typed(TypeAdapter(Comparison), answer)

    async def delete_version(self, secret_id: str, version: int, *, reason: str | None = None) -> VersionView:
        """Soft-delete one version."""
        return await self._call("DELETE", f"secrets/{secret_id}/versions/{version}", VersionView, body=why(reason))

    async def undelete_version(self, secret_id: str, version: int, *, reason: str | None = None) -> VersionView:
        """Bring a soft-deleted version back."""
        path = f"secrets/{secret_id}/versions/{version}/undelete"
        return await self._call("POST", path, VersionView, body=why(reason))

    async def destroy_version(self, secret_id: str, version: int, *, reason: str | None = None) -> VersionView:
        """Destroy one version's value for good."""
        path = f"secrets/{secret_id}/versions/{version}/destroy"
        return await self._call("POST", path, VersionView, body=why(reason))
