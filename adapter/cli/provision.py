"""`status-secrets provision`: show what a server lacks, and make it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
from pydantic import SecretStr

from adapter.errors import NotSignedIn
from adapter.model.address import Scope
from adapter.provision import Finding, Wanted, apply, check
from adapter.settings import Settings, load_settings, token_at_hand
from adapter.vault.session import Vault

DIFFERS = 2

OWN_IDENTITY = "AppRole status-adapter"
"""Made once, when a server is provisioned for the first time."""


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Only show what differs; exit code 2 when something does.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="A scope to add: environment/qa; repeatable.")
@click.option("--userpass", is_flag=True, help="Let people sign in with a user name (STATUS_USERPASS_MOUNT).")
@click.option("--own-server", is_flag=True, help="Nobody else uses this server: set the barrier key's rotation too.")
@click.option("--jwt-admin/--no-jwt-admin", default=None, help="Whether STATUS accounts may be ADMIN; else as it is.")
@click.option("--audit-file", type=click.Path(path_type=Path), help="Vault: where a missing audit device logs.")
def command(
    only_check: bool,
    scopes: tuple[str, ...],
    userpass: bool,
    own_server: bool,
    jwt_admin: bool | None,
    audit_file: Path | None,
) -> int:
    """Bring the vault that VAULT_ADDR names to what STATUS needs.

    It shows each step before it makes it; a second run changes nothing, and only what is named "status..." is
    touched. It needs an ADMIN's token, or for the first run one that may do all this: VAULT_TOKEN or ~/.vault-token.
    """
    settings = load_settings()
    token = token_at_hand(settings)
    if token is None:
        raise NotSignedIn("There is no token to provision with.", hint="Set VAULT_TOKEN, or sign in with: bao login")
    wanted = Wanted(
        mount=settings.mount,
        scopes=tuple(Scope.parse(scope) for scope in scopes),
        userpass_mount=settings.userpass_mount if userpass else None,
        approle_mount=settings.approle_mount,
        own_server=own_server,
        jwt_admin=jwt_admin,
        max_versions=settings.max_versions,
        audit_file=audit_file,
    )
    return asyncio.run(_provision(settings, token, wanted, only_check))


async def _provision(settings: Settings, token: SecretStr, wanted: Wanted, only_check: bool) -> int:
    async with Vault.from_settings(settings) as vault:
        findings = await check(vault, token, wanted)
        for finding in findings:
            _show(finding)
        if not findings:
            click.echo("Everything is as it should be.")
            return 0
        if only_check:
            click.echo(f"{len(findings)} of the vault's settings differ; provision without --check makes them.")
            return DIFFERS
        left = await apply(vault, token, wanted, lambda title: click.echo(f"  done: {title}"))
    click.echo(f"{len(findings) - len(left)} settings made.")
    if left:
        click.echo(f"{len(left)} left for you, marked ! above.")
    if any(finding.title.startswith(OWN_IDENTITY) and finding.differences == ("missing",) for finding in findings):
        click.echo(next_steps(wanted))
    return 0


def next_steps(wanted: Wanted) -> str:
    """What a server that is new to STATUS still lacks, as commands."""
    role = f"auth/{wanted.approle_mount}/role/status-adapter"
    person = ["  status-secrets people add NAME", "  status-secrets grants add person:NAME ADMIN"]
    other = [
        "  status-secrets grants add person:MOUNT/NAME ADMIN     # MOUNT: the auth method that people sign in with"
    ]
    return "\n".join(
        [
            "",
            "Next, with the token that you have used:",
            "",
            "The first ADMIN:",
            *(person if wanted.userpass_mount else other),
            "The adapter's own identity, without which nobody can roll back, rename or compare:",
            f"  export STATUS_ADAPTER_ROLE_ID=$(bao read -field=role_id {role}/role-id)",
            f"  (umask 077; bao write -f -field=secret_id {role}/secret-id > adapter-secret-id)",
            "  export STATUS_ADAPTER_SECRET_ID_FILE=$PWD/adapter-secret-id",
            "The audit view: the file of the vault's audit device, as the adapter can read it:",
            "  export STATUS_AUDIT_LOG=/path/to/audit.log",
            "",
            "Then sign in as that ADMIN, and revoke the token that you have used.",
        ]
    )


def _show(finding: Finding) -> None:
    """`+` is missing, `~` differs, `!` is for a person to mend."""
    sign = "!" if not finding.mendable else "+" if finding.differences == ("missing",) else "~"
    click.echo(f"{sign} {finding.title}")
    for line in finding.differences if sign != "+" else ():
        click.echo(f"    {line}")
