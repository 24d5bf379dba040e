"""The client of the adapter's HTTP API, over the network or straight into an ASGI app of the same process.

Each family of calls is a class in a module of its own; a client is all of them.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx
from pydantic import SecretStr

from adapter.client.access import Access
from adapter.client.audit import Audit
from adapter.client.calls import trust
from adapter.client.doctor import Doctor
from adapter.client.forwarding import Forwarding
from adapter.client.generating import Generating
from adapter.client.keys import Keys
from adapter.client.reports import Reports
from adapter.client.retrieval import Retrieval
from adapter.client.sealing import Sealing
from adapter.client.secrets import Secrets
from adapter.client.staying import Staying
from adapter.client.transfer import Transfer
from adapter.errors import Invalid, StatusError

__all__ = ["AsyncClient", "trust"]


class AsyncClient(
    Staying,
    Secrets,
    Retrieval,
    Transfer,
    Generating,
    Keys,
    Audit,
    Sealing,
    Forwarding,
    Access,
    Reports,
    Doctor,
):
    """One caller of the API. It holds the caller's token in memory; every call raises StatusError.

    `base_url` ends with the API's prefix: `https://127.0.0.1:8350/api/v1`. With `role_id` and `secret_id` it signs in
    when it is entered, stays signed in, and ends its token when it is left. `cacert`: the CA of the adapter's
    certificate, the system's without one. `timeout` is in seconds; a read is tried up to `attempts` times.
    """

    def __init__(
        self,
        base_url: str,
        *,
        role_id: str | None = None,
        secret_id: SecretStr | None = None,
        cacert: Path | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        verify: Any = None,
        timeout: float = 30.0,
        name: str = "api",
        attempts: int = 3,
    ) -> None:
        if verify is None:
            verify = trust(cacert) if cacert is not None or base_url.startswith("https:") else True
        if (role_id is None) != (secret_id is None):
            raise Invalid("A component signs in with role id and secret id.", hint="Give both, or neither.")
        super().__init__(base_url, transport=transport, verify=verify, timeout=timeout, name=name, attempts=attempts)
        self._component = (role_id, secret_id) if role_id is not None and secret_id is not None else None

    async def __aenter__(self) -> Self:
        if self._component is not None:
            try:
                await self.stay_signed_in(*self._component)
            except BaseException:
                await self.aclose()
                raise
        return self

    async def aclose(self) -> None:
        if self._component is not None and self.signed_in:
            with suppress(StatusError):  # it ends by itself
                await self.logout()
        await super().aclose()
