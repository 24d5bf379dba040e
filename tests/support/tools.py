"""The programs of others that tests compare with."""

from __future__ import annotations

import os
import shutil

import pytest


def need(name: str, *, why: str = "", folders: str | None = None) -> str:
    """The path of a program, in PATH or in `folders` (of PATH's form).

    Where it is missing the test is skipped, saying so; with STATUS_REQUIRE_ALL=1 it fails.
    """
    path = shutil.which(name, path=folders)
    if path is not None:
        return path
    reason = f"{name} is not installed{': ' + why if why else ''}"
    if os.environ.get("STATUS_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
