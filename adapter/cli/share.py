"""`status-secrets share`: one value for somebody outside, through a token that opens it once."""

from __future__ import annotations

import click

from adapter.cli.access import secret_id
from adapter.cli.options import as_json, ask, reason
from adapter.cli.output import show_result
from adapter.cli.tables import show_json
from adapter.settings import load_settings


@click.command()
@click.argument("secret")
@click.option("--ttl", metavar="SPAN", default="5m", show_default=True, help="How long the token is good, 5m at most.")
@click.option("--version", type=click.IntRange(1), help="Another version than the current one.")
@reason
@as_json
def command(secret: str, ttl: str, version: int | None, reason: str | None, as_json: bool) -> None:
    """Print the line that opens SECRET's value, once, for whoever runs it first.

    Whoever runs it needs no account, only the vault's address and its CA. For ADMINs and components.
    """
    wrapped = ask("share", lambda client: client.wrapped_value(secret_id(secret), ttl, version=version, reason=reason))
    if as_json:
        show_json(wrapped)
        return
    address = load_settings().vault_addr
    place = f"VAULT_ADDR={address} " if address else ""
    show_result(
        f"{place}VAULT_TOKEN={wrapped.wrap_token.get_secret_value()} bao unwrap -format=json | jq -r .data.data.value\n"
        f"It works once, before {wrapped.expires_at}. If it does not, somebody else has the value: replace it."
    )
