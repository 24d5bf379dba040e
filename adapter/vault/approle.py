"""AppRole: the roles that components sign in with, and their secret ids."""

from __future__ import annotations

import json
from contextlib import suppress

from adapter.errors import NotFound
from adapter.vault.answers import decode_any
from adapter.vault.identity import names
from adapter.vault.session import VaultSession
from adapter.vault.wrapping import Wrapped, decode_wrapped


class AppRole:
    """One role of the AppRole method that belongs to STATUS. Raises StatusError."""

    def __init__(self, session: VaultSession, name: str) -> None:
        self._session = session
        self._place = (f"auth/{session.vault.approle_mount}/role", name)

    async def role_id(self) -> str | None:
        """None when there is no such role."""
        try:
            _, content = await self._session.send("GET", *self._place, "role-id")
        except NotFound:
            return None
        return str(decode_any(content)["role_id"])

    async def save(self, settings: dict[str, object]) -> None:
        await self._session.send("POST", *self._place, body=settings)

    async def delete(self) -> None:
        """With all its secret ids; silent when it is not there."""
        await self._session.send("DELETE", *self._place)

    async def secret_ids(self) -> list[str]:
        """Their accessors."""
        return await names(self._session, "/".join((*self._place, "secret-id")))

    async def new_secret_id(self, metadata: dict[str, str], seconds: int) -> Wrapped:
        """A secret id, wrapped for that long: only whoever unwraps it ever sees it."""
        headers = {"X-Vault-Wrap-TTL": f"{seconds}s"}
        body = {"metadata": json.dumps(metadata)}
        _, content = await self._session.send("POST", *self._place, "secret-id", body=body, headers=headers)
        return decode_wrapped(content)

    async def destroy_secret_id(self, accessor: str) -> None:
        """Silent for one that is gone."""
        path = (*self._place, "secret-id-accessor/destroy")
        with suppress(NotFound):
            await self._session.send("POST", *path, body={"secret_id_accessor": accessor})
