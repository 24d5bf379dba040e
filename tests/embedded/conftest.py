"""Data folders of the embedded server to start from: a complete one is made once and copied."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from dev_vault.embedded import EmbeddedVault
from tests.support.bao import free_port, lasting_root

MakeVault = Callable[..., EmbeddedVault[SecretStr]]


@dataclass(frozen=True, slots=True)
class Complete:
    """A folder whose first start was finished, and a token that may do everything there."""

    folder: Path
    token: SecretStr


@pytest.fixture
async def embedded() -> AsyncIterator[MakeVault]:
    """Makes embedded vaults on free ports; all are stopped at the end."""
    made: list[EmbeddedVault[SecretStr]] = []

    def make(
        folder: Path, listen: str | None = None, prepare: Callable[..., Awaitable[SecretStr]] = lasting_root
    ) -> EmbeddedVault[SecretStr]:
        made.append(EmbeddedVault(folder, listen or f"127.0.0.1:{free_port()}", prepare=prepare))
        return made[-1]

    yield make
    for vault in made:
        await vault.stop()


@pytest.fixture(scope="session")
def complete_once(tmp_path_factory: pytest.TempPathFactory) -> Complete:
    folder = tmp_path_factory.mktemp("embedded") / "data"

    async def first_start() -> SecretStr:
        vault = EmbeddedVault(folder, f"127.0.0.1:{free_port()}", prepare=lasting_root)
        await vault.start()
        token = vault.first_run
        assert token is not None
        vault.confirm()
        await vault.stop()
        return token

    return Complete(folder, asyncio.run(first_start()))


@pytest.fixture
def complete(complete_once: Complete, tmp_path: Path) -> Complete:
    """A complete folder of the test's own; it was moved, too, to a place with an awkward name."""
    return Complete(Path(shutil.copytree(complete_once.folder, tmp_path / "Daten für $HOME")), complete_once.token)
