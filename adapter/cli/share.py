"""`status-secrets share`: one value for somebody outside, through a token that opens it once."""

from __future__ import annotations

import click

from adapter.cli.access import secret_id
from adapter.cli.options import as_json, ask, reason
from adapter.cli.output import show_result
from adapter.cli.shell_lines import needs, surroundings
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

    It shows the value and nothing else of the secret. Whoever runs it needs no account, but the command bao or vault,
    a way to the vault, and its CA's certificate where that is your own. For ADMINs and components.
    """
    wrapped = ask(
        "share",
        lambda client: client.wrapped_value(secret_id(secret), ttl, version=version, field="value", reason=reason),
    )
    if as_json:
        show_json(wrapped)
        return
    settings = load_settings()
    line = f"{surroundings(settings)} VAULT_TOKEN={wrapped.wrap_token.get_secret_value()} bao unwrap -field=value"
    show_result(
        f"{line.lstrip()}\n"
        f"{needs(settings)}\n"
        f"It works once, before {wrapped.expires_at}. If it does not, somebody else has the value: replace it."
    )
