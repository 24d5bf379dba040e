"""The calls that send a log to an adapter."""

from __future__ import annotations

from urllib.parse import quote

from adapter.client.calls import Calls, why
from adapter.model.access import Credentials
from adapter.model.forwarding import ForwarderAdd, LogChunk, LogState
from adapter.model.wire import dump


class Forwarding(Calls):
    async def log_state(self, print: str) -> LogState:
        """How much of a log file the adapter has."""
        return await self._call("GET", "audit/forward", LogState, params={"print": print})

    async def send_log(self, chunk: LogChunk) -> LogState:
        """The next bytes of a log file. Raises Conflict when they do not go on where it ends."""
        return await self._call("POST", "audit/forward", LogState, body=chunk)

    async def add_forwarder(self, body: ForwarderAdd) -> Credentials:
        """A sign-in that may send the log and nothing else; its secret id comes wrapped."""
        return await self._call("POST", "audit/forwarders", Credentials, body=body)

    async def remove_forwarder(self, name: str, *, reason: str | None = None) -> None:
        path = f"audit/forwarders/{quote(name, safe='')}"
        await self._send("DELETE", path, content=dump(why(reason), only_set=True))
