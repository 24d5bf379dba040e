"""`status-secrets audit verify`: whether the log is as it was sealed."""

from __future__ import annotations

import click

from adapter.cli.options import as_json, ask
from adapter.cli.tables import show_json
from adapter.model.sealing import Verification

DIFFERS = 2


@click.command()
@as_json
def command(as_json: bool) -> int:
    """Look at every sealed line of the audit log: exit code 2 when one was changed, removed or inserted. For ADMINs."""
    found = ask("audit", lambda client: client.verify_log())
    if as_json:
        show_json(found)
    else:
        _show(found)
    return 0 if found.intact else DIFFERS


def _show(found: Verification) -> None:
    for damage in found.damages:
        click.echo(f"! {damage.what}")
    if not found.seals:
        click.echo("There are no seals." if found.damages else "There are no seals yet.")
        return
    click.echo(f"{found.sealed} lines are as they were sealed, the last at {found.until}; {found.unsealed} are newer.")
