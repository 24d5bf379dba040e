"""`status-secrets list`: the secrets that the caller may view, for scripts."""

from __future__ import annotations

import asyncio
import json

import click

from adapter.cli.output import show_result


@click.command()
@click.option("--scope", metavar="SCOPE", help="Of one scope only: environment/production.")
@click.option("--json", "as_json", is_flag=True, help="All details, as the API sends them.")
def command(scope: str | None, as_json: bool) -> None:
    """Print one secret a line: its reference, type, version and expiry, with tabs between. Never a value."""
    asyncio.run(_list(scope, as_json))


async def _list(scope: str | None, as_json: bool) -> None:
    from adapter.cli.signed_in import signed_in
    from adapter.model.address import Address
    from adapter.model.references import Reference
    from adapter.model.wire import dump
    from adapter.settings import load_settings

    async with signed_in(load_settings(), "list") as client:
        secrets = await client.secrets(scope=scope)
    if as_json:
        bodies = [{name: value for name, value in dump(secret).items() if name != "value"} for secret in secrets]
        show_result(json.dumps(bodies, ensure_ascii=False))
        return
    lines = [
        f"{Reference(Address.from_id(secret.id))}\t{secret.type}\t{secret.version}\t{secret.expires_at or ''}\n"
        for secret in secrets
    ]
    show_result("".join(lines), end=False)  # at once: `| head` is no error
