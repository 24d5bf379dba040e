"""`status-secrets diagnose`: why a secret may not be working, and what to do."""

from __future__ import annotations

import click

from adapter.cli.access import secret_id
from adapter.cli.options import as_json, ask
from adapter.cli.output import show_result
from adapter.cli.tables import show_json
from adapter.model.diagnosis import Diagnosis

FOUND = 2
SIGNS = {"ok": "✓", "problem": "!", "unknown": "?"}


@click.command()
@click.argument("secret")
@click.option("--component", metavar="NAME", help="Look at it for this component (ADMIN).")
@click.option("--person", metavar="NAME", help="Look at it for this person (ADMIN).")
@as_json
def command(secret: str, component: str | None, person: str | None, as_json: bool) -> int:
    """Why SECRET (its address or id) may not be working, for you or somebody else. Exit code 2 for a problem."""
    found = ask("diagnose", lambda client: client.diagnose(secret_id(secret), component=component, person=person))
    if as_json:
        show_json(found)
    else:
        show_result(_words(found))
    return FOUND if any(finding.result == "problem" for finding in found.findings) else 0


def _words(found: Diagnosis) -> str:
    lines = []
    for finding in found.findings:
        lines.append(f"{SIGNS[finding.result]} {finding.message}")
        if finding.hint:
            lines.append(f"    {finding.hint}")
    return "\n".join([*lines, "", found.summary])
