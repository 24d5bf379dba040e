"""The command `status-secrets`. Each subcommand's module is imported only when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

import adapter
from adapter.cli.lazy import LazyGroup
from adapter.cli.output import show_error
from adapter.errors import StatusError
from adapter.memory import harden

COMMANDS = {
    "dev": ("adapter.cli.dev", "Run a vault of your own and the adapter, in the foreground."),
    "serve": ("adapter.cli.serve", "Run the adapter in front of the vault that VAULT_ADDR names."),
    "provision": ("adapter.cli.provision", "Bring the vault that VAULT_ADDR names to what STATUS needs."),
    "doctor": ("adapter.cli.doctor", "Look for what is not as it should be, and mend it."),
    "run": ("adapter.cli.run", "Start a command with secrets in its environment, or in files in memory."),
    "get": ("adapter.cli.get", "Print one secret's value, for scripts."),
    "list": ("adapter.cli.list_secrets", "Print the secrets that one may view, for scripts."),
    "render": ("adapter.cli.render", "Print a template with its references replaced by values."),
    "import": ("adapter.cli.import_secrets", "Create or update secrets from a .env, JSON or PEM file."),
    "export": ("adapter.cli.export", "Print the list of secrets as JSON or CSV, metadata only."),
    "rotate": ("adapter.cli.rotate", "Give an account a new password, in the vault and at its place."),
    "scopes": ("adapter.cli.scopes", "List, add and retire scopes."),
    "grants": ("adapter.cli.grants", "See, give and take back roles."),
    "people": ("adapter.cli.people", "Add, disable and remove people who sign in."),
    "components": ("adapter.cli.components", "Add, rotate and remove components."),
    "can-i": ("adapter.cli.can_i", "Ask whether you, or somebody else, may do something."),
    "access": ("adapter.cli.access", "See who can use a secret."),
    "backup": ("adapter.cli.backup", "Write secrets with all versions into an encrypted file."),
    "restore": ("adapter.cli.restore", "Add what a backup has and the vault has not."),
    "diagnose": ("adapter.cli.diagnose", "Find out why a secret is not working."),
    "temporary": ("adapter.cli.temporary", "Let somebody read one secret for a while."),
    "share": ("adapter.cli.share", "Open one value to somebody outside, once."),
    "audit": ("adapter.cli.audit", "What was done, by whom and why; live; after an incident."),
    "login": ("adapter.cli.login", "Sign in and print the token, for VAULT_TOKEN."),
    "report": ("adapter.cli.report", "Unused, expiring, due secrets; access and activity; as pages to keep."),
    "tui": ("adapter.cli.tui", "Open the terminal UI, as statustui does."),
}


@click.group(
    cls=LazyGroup,
    commands_in=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
@click.version_option(adapter.__version__, prog_name="status-secrets")
def root() -> None:
    """Secrets of STATUS on HashiCorp Vault or OpenBao."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command and end the process: 2 for wrong usage, an error's own `exit_code`, 130 after Ctrl+C."""
    harden()
    try:
        result = root.main(args=None if argv is None else list(argv), prog_name="status-secrets", standalone_mode=False)
    except StatusError as error:
        show_error(error)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)
