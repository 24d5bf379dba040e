"""The tables of docs/roles.md are those that the trials in tests/permissions check."""

from pathlib import Path

from tests.permissions.matrix import tables

DOC = (Path(__file__).parents[2] / "docs" / "roles.md").read_text()


def test_tables() -> None:
    shown = [line for line in DOC.splitlines() if line.startswith("|")]
    assert shown == [line for lines in tables() for line in lines]
