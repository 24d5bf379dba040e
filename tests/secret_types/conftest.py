"""The field's own tools, which have the last word on what we accept, derive and make."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.secret_types import NOW, Tool
from tests.support.tools import need


@pytest.fixture
def now() -> datetime:
    return NOW


def _tool(name: str, folder: Path) -> Tool:
    need(name)

    def run(*args: str, stdin: str = "") -> str:
        done = subprocess.run([name, *args], input=stdin, capture_output=True, text=True, cwd=folder, timeout=60)
        assert done.returncode == 0, f"{name} {args[0]}: {done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def openssl(tmp_path: Path) -> Tool:
    return _tool("openssl", tmp_path)


@pytest.fixture
def ssh_keygen(tmp_path: Path) -> Tool:
    return _tool("ssh-keygen", tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], str]:
    """A file in the tools' folder that nobody else may read, as ssh-keygen asks."""

    def save(name: str, text: str) -> str:
        path = tmp_path / name
        path.touch(mode=0o600)
        path.write_text(text)
        return name

    return save
