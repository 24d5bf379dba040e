"""The only code that knows Vault's paths and errors; works with HashiCorp Vault and OpenBao alike."""

from adapter.vault.connection import Connection
from adapter.vault.session import Caller, Vault, VaultSession

__all__ = ["Caller", "Connection", "Vault", "VaultSession"]
