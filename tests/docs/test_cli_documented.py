"""Every command, and every option of each, is in docs/cli.md."""

import importlib
from itertools import pairwise
from pathlib import Path

import click
import pytest

from adapter import errors
from adapter.cli import COMMANDS

DOC = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_command_and_options(name: str) -> None:
    assert f"`status-secrets {name}`" in DOC
    command: click.Command = importlib.import_module(COMMANDS[name][0]).command
    section = DOC.split(f"\n## {name}\n", 1)[-1].split("\n## ")[0]
    for one in [command, *getattr(command, "commands", {}).values()]:
        assert one is command or f" {name} {one.name}" in section
        for parameter in one.params:
            for option in parameter.opts:
                if option.startswith("--"):
                    assert option in section, option


def test_exit_codes() -> None:
    for error in errors.BY_CODE.values():
        assert f"| {error.exit_code} | " in DOC


def test_a_blank_line_around_each_heading_and_example() -> None:
    lines = DOC.splitlines()
    for before, line in pairwise(lines):
        if line.startswith("## ") or before.startswith("## "):
            assert not (before and line), line
        if line.startswith("    ") != before.startswith("    "):
            assert not (before and line), line
