"""On a server that was given, the workers share policies and groups: one test of provisioning at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator

import pytest

from tests.support.server import People, Server


@pytest.fixture(autouse=True)
def alone(server: Server, people: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    if server.own:
        yield
        return
    with (tmp_path_factory.getbasetemp().parent / "provision.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
