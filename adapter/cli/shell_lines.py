"""What a line for somebody else's shell begins with, so that it works where nothing was set before."""

from __future__ import annotations

import shlex

from adapter.settings import Settings


def surroundings(settings: Settings) -> str:
    """`VAULT_ADDR=… VAULT_CACERT=…`, and the namespace where there is one; empty for settings that name no vault."""
    given = {
        "VAULT_ADDR": settings.vault_addr,
        "VAULT_CACERT": settings.vault_cacert,
        "VAULT_NAMESPACE": settings.vault_namespace,
    }
    return " ".join(f"{name}={shlex.quote(str(value))}" for name, value in given.items() if value)


def needs(settings: Settings) -> str:
    """A sentence: what whoever runs the line must have."""
    ca = f", and a copy of the CA's certificate under {settings.vault_cacert}" if settings.vault_cacert else ""
    return f"Whoever runs it needs the command bao (or vault, in its place), a way to the vault{ca}."
