"""Files that hold secrets of the adapter: who can read them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from adapter.service.app import Act
from adapter.service.doctor.secret_files import look
from adapter.settings import load_settings


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody can look into, as no folder of a test's own is."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


async def found(file: Path) -> list[str]:
    settings = load_settings(jwt_secret_file=file, audit_log=())
    return [finding.what for finding in await look(cast(Act, None), settings)]


@pytest.mark.parametrize(
    ("mode", "folder", "is_open"),
    [(0o600, 0o755, False), (0o640, 0o755, False), (0o644, 0o755, True), (0o444, 0o755, True), (0o644, 0o750, False)],
)
async def test_who_can_read_it(place: Path, mode: int, folder: int, is_open: bool) -> None:
    file = place / "inner" / "key"
    file.parent.mkdir()
    file.write_text("c4n4ry")
    file.chmod(mode)
    file.parent.chmod(folder)
    says = await found(file)
    assert [("STATUS_JWT_SECRET_FILE" in what, "c4n4ry" in what) for what in says] == [(True, False)] * is_open


async def test_a_link_is_as_open_as_what_it_leads_to(place: Path) -> None:
    """As Kubernetes mounts its secrets."""
    (place / "..data").mkdir()
    (place / "..data" / "key").write_text("c4n4ry")
    (place / "..data" / "key").chmod(0o400)
    (place / "key").symlink_to("..data/key")
    assert await found(place / "key") == []
    (place / "..data" / "key").chmod(0o644)
    assert len(await found(place / "key")) == 1


async def test_one_that_is_not_there(place: Path) -> None:
    assert await found(place / "nothing") == []
