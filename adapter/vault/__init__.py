"""The only code that knows Vault's paths and errors; works with HashiCorp Vault and OpenBao alike.

What is named here is imported when it is first used: a command that reads a few values needs little of it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapter.vault.connection import Connection
    from adapter.vault.session import Caller, Vault, VaultSession

__all__ = ["Caller", "Connection", "Vault", "VaultSession"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    module = "connection" if name == "Connection" else "session"
    return getattr(importlib.import_module(f"adapter.vault.{module}"), name)
