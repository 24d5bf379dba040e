"""`status-secrets tui`: the terminal UI."""

from __future__ import annotations

import importlib

import click


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def command(options: tuple[str, ...]) -> None:
    """Open the terminal UI; it takes the options of statustui."""
    importlib.import_module("statustui.__main__").main(args=list(options), prog_name="status-secrets tui")
