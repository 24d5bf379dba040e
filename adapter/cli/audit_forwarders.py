"""`status-secrets audit forwarders`: who may send an adapter the vault's log."""

from __future__ import annotations

import click

from adapter.cli.components import show_credentials, ttl
from adapter.cli.options import as_json, ask, reason
from adapter.model.forwarding import ForwarderAdd


@click.group()
def command() -> None:
    """Forwarders, which may send the log of a vault elsewhere and nothing else. For ADMINs."""


@command.command("add")
@click.argument("name")
@ttl
@reason
@as_json
def add(name: str, ttl: str | None, reason: str | None, as_json: bool) -> None:
    """Add a forwarder; its secret id is handed over wrapped: whoever unwraps it first has it."""
    given = {"ttl": ttl, "reason": reason}
    body = ForwarderAdd(name=name, **{key: value for key, value in given.items() if value is not None})
    show_credentials(ask("audit", lambda client: client.add_forwarder(body)), as_json)


@command.command("remove")
@click.argument("name")
@reason
def remove(name: str, reason: str | None) -> None:
    """Remove a forwarder; its tokens end within the hour."""
    ask("audit", lambda client: client.remove_forwarder(name, reason=reason))
