"""The calls that bring many secrets in, or take their list out."""

from __future__ import annotations

from adapter.client.calls import Calls
from adapter.model.transfer import ImportBody, ImportResult


class Transfer(Calls):
    async def import_secrets(self, body: ImportBody) -> ImportResult:
        """Create or update secrets from a file's content, or with `dry_run` see what would become of it."""
        return await self._call("POST", "import", ImportResult, body=body)

    async def export(self, *, format: str = "json", scope: str | None = None) -> bytes:
        """The list of what the caller may view as a file, `json` or `csv`: metadata only."""
        params = {"format": format} | ({"scope": scope} if scope else {})
        return (await self._send("GET", "export", params=params)).content
