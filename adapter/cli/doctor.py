"""`status-secrets doctor`: show what is not as it should be, and mend it."""

from __future__ import annotations

import asyncio
import json

import click
from pydantic import SecretStr

from adapter.cli.embedded_identity import with_identity
from adapter.cli.output import show_error, show_result
from adapter.errors import NotSignedIn, from_body
from adapter.model.doctor import CheckView
from adapter.model.wire import dump
from adapter.service.acting import acting_in
from adapter.service.app import Act, Services
from adapter.service.doctor import examine
from adapter.service.doctor.mending import told
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
    settings = with_identity(load_settings())
    token = token_at_hand(settings)
    if token is None:
        raise NotSignedIn("There is no token to look with.", hint="Set VAULT_TOKEN, or sign in with: bao login")
    return asyncio.run(_doctor(settings, token, repairing, as_json))


async def _doctor(settings: Settings, token: SecretStr, repairing: bool, as_json: bool) -> int:
    async with Vault.from_settings(settings) as vault, acting_in(settings, vault) as acting:
        services = Services(vault, acting=acting)
        act: Act = services.act(Caller(token, reason="doctor", client="doctor"))
        await act.identity()
        examined = await examine(act, settings)
        found = [await told(one, repairing=repairing) for one in examined]
    _complain(found)
    if as_json:
        show_result(json.dumps([dump(one) for one in found], ensure_ascii=False))
    else:
        for one in found:
            _show(one)
    left = any(finding.done is None for one in found for finding in one.findings)
    problem = next((one.problem for one in examined if one.problem), None)
    return FOUND if left else problem.exit_code if problem else 0


def _complain(found: list[CheckView]) -> None:
    """About what could not be mended."""
    for problem in (finding.problem for one in found for finding in one.findings):
        if problem is not None:
            show_error(from_body(problem.status, dump(problem)))


def _show(one: CheckView) -> None:
    """`✓` is as it should be, `!` is not, `?` could not be looked at."""
    sign = "?" if one.problem else "!" if one.findings else "✓"
    click.echo(f"{sign} {one.title}")
    if one.problem:
        click.echo(f"    {one.problem.detail} {one.problem.hint}".rstrip())
    for finding in one.findings:
        click.echo(f"    {finding.what}")
        click.echo(f"      → {finding.done or finding.mend}")
