"""`status-secrets doctor`: show what is not as it should be, and mend it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click
from pydantic import SecretStr

from adapter.cli.output import show_error, show_result
from adapter.errors import NotSignedIn, StatusError
from adapter.service.acting import acting_identity
from adapter.service.app import Act, Services
from adapter.service.doctor import Examined, Finding, examine
from adapter.settings import Settings, load_settings, token_at_hand
from adapter.vault.session import Caller, Vault

FOUND = 2


@click.command()
@click.option("--repair", "repairing", is_flag=True, help="Mend what can be mended.")
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def command(repairing: bool, as_json: bool) -> int:
    """Look for what is not as it should be on the vault that VAULT_ADDR names, and in the settings.

    Without --repair nothing is changed. Exit code 2 when something was found and not mended. It needs an ADMIN's
    token: VAULT_TOKEN or ~/.vault-token.
    """
    settings = load_settings()
    token = token_at_hand(settings)
    if token is None:
        raise NotSignedIn("There is no token to look with.", hint="Set VAULT_TOKEN, or sign in with: bao login")
    return asyncio.run(_doctor(settings, token, repairing, as_json))


async def _doctor(settings: Settings, token: SecretStr, repairing: bool, as_json: bool) -> int:
    async with Vault.from_settings(settings) as vault:
        services = Services(vault, acting=acting_identity(settings, vault))
        act: Act = services.act(Caller(token, reason="doctor", client="doctor"))
        await act.identity()
        examined = await examine(act, settings)
        mended = [[await _mended(finding, repairing) for finding in one.findings] for one in examined]
    left = sum(done is None for row in mended for done in row)
    if as_json:
        bodies = [_body(one, row) for one, row in zip(examined, mended, strict=True)]
        show_result(json.dumps(bodies, ensure_ascii=False))
    else:
        for one, row in zip(examined, mended, strict=True):
            _show(one, row)
    problem = next((one.problem for one in examined if one.problem), None)
    return FOUND if left else problem.exit_code if problem else 0


async def _mended(finding: Finding, repairing: bool) -> str | None:
    """What was done about a finding; None when it is still there."""
    if not repairing or finding.repair is None:
        return None
    try:
        return await finding.repair()
    except StatusError as error:
        show_error(error)
        return None


def _body(one: Examined, mended: list[str | None]) -> dict[str, Any]:
    findings = [
        {"what": finding.what, "mend": finding.mend, "repairable": finding.repair is not None, "done": done}
        for finding, done in zip(one.findings, mended, strict=True)
    ]
    problem = one.problem.body() if one.problem else None
    return {"check": one.check.name, "title": one.check.title, "findings": findings, "problem": problem}


def _show(one: Examined, mended: list[str | None]) -> None:
    """`✓` is as it should be, `!` is not, `?` could not be looked at."""
    sign = "?" if one.problem else "!" if one.findings else "✓"
    click.echo(f"{sign} {one.check.title}")
    if one.problem:
        click.echo(f"    {one.problem.detail} {one.problem.hint}".rstrip())
    for finding, done in zip(one.findings, mended, strict=True):
        click.echo(f"    {finding.what}")
        click.echo(f"      → {done or finding.mend}")
