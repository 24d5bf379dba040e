"""A rotation is ended (SIGKILL) after each of its steps; the next run finishes it, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.rotation import Login, Outcome
from adapter.rotation.postgres import Postgres, RoleChange
from adapter.vault.transport import Transport
from tests.datasources.conftest import Rotation

FIRST = "f1rst-p4ssword"
STEPS: list[tuple[type, str]] = [
    (Transport, "_send_once"),
    (Postgres, "accepts"),
    (RoleChange, "prepare"),
    (RoleChange, "commit"),
]
"""Every call that changes or asks something, at the vault and at the database."""

MOST_STEPS = 40


def _arm(step: int) -> None:
    """From now on this process ends right after its n-th step."""
    count = 0

    def counted(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapper(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            try:
                return await call(*arguments, **options)
            finally:
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        return wrapper

    for owner, name in STEPS:
        setattr(owner, name, counted(getattr(owner, name)))


def _killed_after(step: int, act: Callable[[], Awaitable[Outcome]]) -> bool:
    """Whether the act was killed there; False when it has fewer steps and came to its end."""
    child = os.fork()
    if child == 0:
        try:
            _arm(step)
            asyncio.run(act())  # type: ignore[arg-type]
            os._exit(0)
        finally:  # whatever was raised: nothing of the test session's may run twice
            os._exit(4)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, f"the rotation failed before step {step}"
    return False


def test_one_account(rotation: Rotation) -> None:
    account = rotation.account
    rotation.postgres.add(account, FIRST)
    asyncio.run(rotation.keep(FIRST))
    refused = finished = 0
    for step in range(1, MOST_STEPS):
        before = asyncio.run(rotation.value()).version
        killed = _killed_after(step, lambda: rotation.rotate())
        now = asyncio.run(rotation.value())
        assert now.version in (before, before + 1)
        if not asyncio.run(rotation.works()):
            refused += 1
            earlier = asyncio.run(rotation.value(before)).value.get_secret_value()
            assert rotation.postgres.lets_in(account, earlier), f"step {step}: nobody gets in any more"
        outcome = asyncio.run(rotation.rotate())
        finished += outcome.finished
        assert asyncio.run(rotation.works()), f"step {step}"
        newest = asyncio.run(rotation.history())[0]
        assert newest.flags == [], f"step {step}"
        if not killed:
            break
    else:
        pytest.fail("the rotation never came to its end")
    assert step > 10
    assert finished == refused > 0


def test_two_accounts_in_turn(rotation: Rotation) -> None:
    other = f"{rotation.account}_b"
    rotation.postgres.add(rotation.account, FIRST)
    rotation.postgres.add(other)
    asyncio.run(rotation.keep(FIRST, username=rotation.account))
    admin = _admin(rotation)
    for step in range(1, MOST_STEPS):
        killed = _killed_after(step, lambda: rotation.alternate(other, admin))
        assert asyncio.run(rotation.works()), f"step {step}: the current version does not work"
        assert not asyncio.run(rotation.alternate(other, admin)).finished
        assert asyncio.run(rotation.works()), f"step {step}"
        if not killed:
            break
    else:
        pytest.fail("the rotation never came to its end")
    assert step > 10


def _admin(rotation: Rotation) -> Login:
    password = secrets.token_urlsafe(12)
    rotation.postgres.add(f"{rotation.account}_admin", password, "SUPERUSER")
    return Login(f"{rotation.account}_admin", SecretStr(password))
