"""`status-secrets access`: who can view, change and use a secret."""

from __future__ import annotations

import click

from adapter.cli.options import as_json, ask
from adapter.cli.tables import show_json, show_rows
from adapter.model.address import Address
from adapter.model.rights import AccessView


@click.command()
@click.argument("secret")
@as_json
def command(secret: str, as_json: bool) -> None:
    """Who can view, change and use SECRET (its address or id), through which grant. For ADMINs."""
    found = ask("access", lambda client: client.who_can_use(secret_id(secret)))
    if as_json:
        show_json(found)
        return
    show_rows(("WHO", "VIEW", "CHANGE", "USE", "THROUGH", ""), map(_row, found))


def secret_id(text: str) -> str:
    """The id of a secret that is named by its address, by a reference, or by its id."""
    text = text.removeprefix("secret://")
    return Address(text).id if "/" in text else text


def _row(line: AccessView) -> tuple[str, ...]:
    marks = ["yes" if can else "-" for can in (line.view, line.change, line.use)]
    through = line.via.role if line.via.scope == "*" else f"{line.via.role} in {line.via.scope}"
    return (
        line.who,
        *marks,
        through,
        "disabled" if line.disabled else f"until {line.expires_at}" if line.expires_at else "",
    )
