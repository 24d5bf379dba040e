"""STATUS Secrets: a thin layer that maps STATUS secrets onto HashiCorp Vault and OpenBao.

For Python components: `from adapter import AsyncClient, Client, StatusError` (docs/python.md). They are imported when
they are first used, so that a command which needs none of them starts quickly.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapter.client import AsyncClient
    from adapter.client.sync import Client
    from adapter.errors import StatusError

__all__ = ["AsyncClient", "Client", "StatusError", "__version__"]

__version__ = "0.1.0"

_PLACES = {"AsyncClient": "adapter.client", "Client": "adapter.client.sync", "StatusError": "adapter.errors"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(name)
    return getattr(importlib.import_module(_PLACES[name]), name)
