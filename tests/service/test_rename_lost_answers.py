"""A rename in which a request fails, or is done and its answer gets lost: told, and whole again by the next look."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import pytest

from adapter.errors import StatusError
from adapter.model.address import Address
from adapter.service.moving import move_secret
from adapter.vault import Vault
from adapter.vault.problems import outcome_unknown, unreachable
from adapter.vault.transport import READS, Transport
from tests.service.test_kill_points_moves import PRODUCTION, STAGING, Scene, adapter
from tests.support.server import People, Server

__all__ = ["adapter"]

MOST_REQUESTS = 60


class Failing:
    """The n-th request from now on fails: before it is sent, or after it was done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._send = Transport._send_once
        self._at = 0
        self._after = False
        self.count = 0
        failing = self

        async def send(transport: Transport, method: str, *arguments: Any) -> Any:
            failing.count += 1
            mine = failing.count == failing._at
            if mine and not failing._after:
                raise unreachable()
            answer = await failing._send(transport, method, *arguments)
            if mine:
                raise unreachable() if method in READS else outcome_unknown()
            return answer

        monkeypatch.setattr(Transport, "_send_once", send)

    def arm(self, number: int, *, after: bool) -> None:
        self.count, self._at, self._after = 0, number, after


@pytest.mark.parametrize(
    ("who", "scope", "after", "step"),
    [
        ("developer", PRODUCTION, True, 2),
        ("developer", PRODUCTION, False, 3),
        ("admin", STAGING, True, 5),
        ("admin", STAGING, False, 9),
    ],
)
def test_a_request(
    server: Server,
    people: People,
    adapter: Any,
    monkeypatch: pytest.MonkeyPatch,
    who: str,
    scope: str,
    after: bool,
    step: int,
) -> None:
    failing = Failing(monkeypatch)

    async def one(vault: Vault, number: int) -> bool:
        """Whether there was such a request."""
        failing.arm(0, after=after)
        name = f"l{secrets.token_hex(6)}"
        new = Address(f"{scope}/{name}{'-n' if scope == PRODUCTION else ''}")
        scene = Scene(server, people, adapter, who, Address(f"{PRODUCTION}/{name}"), new)
        before = await scene.prepare(vault)
        act = scene.act(vault, who)
        failing.arm(number, after=after)
        try:
            await move_secret(act, scene.old, scene.new)
            told = ""
        except StatusError as error:
            told = error.detail
        there = failing.count >= number
        failing.arm(0, after=after)
        at_once = await scene.seen(scene.act(vault, "viewer"))
        assert at_once != ["there", "there"], number
        assert told or at_once == ["gone", "there"], (number, at_once)
        assert told or "conflict" not in at_once, number
        await scene.seen(scene.act(vault, who, later=90))
        now = await scene.seen(scene.act(vault, "viewer"))
        assert now in (["there", "gone"], ["gone", "there"]), (number, at_once, told)
        await scene.check_whole(vault, before, scene.old if now[0] == "there" else scene.new)
        return there

    async def run() -> None:
        async with server.vault() as vault:
            await vault.kind()
            for number in range(1, MOST_REQUESTS, step):
                if not await one(vault, number):
                    assert number > 25
                    return
        raise AssertionError("the act never came to its end")

    asyncio.run(run())
