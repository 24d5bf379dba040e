"""The client of the adapter's HTTP API, over the network or straight into an ASGI app of the same process.

Each family of calls is a class in a module of its own; a client is all of them.
"""

from __future__ import annotations

from adapter.client.access import Access
from adapter.client.audit import Audit
from adapter.client.calls import trust
from adapter.client.forwarding import Forwarding
from adapter.client.generating import Generating
from adapter.client.keys import Keys
from adapter.client.reports import Reports
from adapter.client.retrieval import Retrieval
from adapter.client.sealing import Sealing
from adapter.client.secrets import Secrets
from adapter.client.signing_in import SigningIn
from adapter.client.transfer import Transfer

__all__ = ["AsyncClient", "trust"]


class AsyncClient(
    SigningIn,
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
):
    """One caller of the API. It holds the caller's token in memory; every call raises StatusError.

    `base_url` ends with the API's prefix: `https://127.0.0.1:8350/api/v1`.
    """
