"""What policies allow at a path, compared with what the real server says of the very same policies."""

from __future__ import annotations

import random
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.vault import Caller
from adapter.vault.answers import decode_auth
from adapter.vault.evaluation import capabilities, matches
from adapter.vault.policies import Rule, render
from adapter.vault.session import ServerKind
from adapter.vault.tokens import capabilities as asked
from tests.support.server import People, Server

PARTS = ("a", "ab", "b", "+")
WORDS = ("create", "delete", "list", "patch", "read", "update")


def pattern(dice: random.Random) -> str:
    parts = [dice.choice(PARTS) for _ in range(dice.randint(1, 3))]
    ends = ("", "/*") if parts[-1] == "+" else ("", "", "*", "/*")  # no server takes `+*`
    return "x/" + "/".join(parts) + dice.choice(ends)


@pytest.mark.parametrize("seed", range(6))
async def test_the_server_decides_alike(server: Server, people: People, fresh: str, seed: int) -> None:
    dice = random.Random(seed)
    policies = [
        [Rule(path, tuple(dice.sample(WORDS, 2))) for path in sorted({pattern(dice) for _ in range(4)})]
        for _ in range(3)
    ]
    paths = [
        "x/" + "/".join(dice.choice(("a", "ab", "b", "abc")) for _ in range(dice.randint(1, 4))) for _ in range(60)
    ]
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        names = [f"status-test-{fresh}-{number}" for number in range(len(policies))]
        for name, rules in zip(names, policies, strict=True):
            body: dict[str, Any] = {"policy": render("a test", rules, ServerKind.OPENBAO)}
            await session.send("PUT", "sys/policies/acl", name, body=body)
        _, content = await session.send("POST", "auth/token/create", body={"policies": names})
        token = decode_auth(content).client_token
        found = await asked(vault.session(Caller(SecretStr(token))), paths)
        for name in names:
            await session.send("DELETE", "sys/policies/acl", name)
    rules = [rule for policy in policies for rule in policy]
    ours = {path: capabilities(rules, path) or {"deny"} for path in paths}
    assert ours == found


@pytest.mark.parametrize(
    ("policy", "path", "covers"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/*", "a/b/c", True),
        ("a/*", "a", False),
        ("a/b*", "a/bc", True),
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/b/c", False),
        ("a/+", "a/", False),
        ("a/+b", "a/xb", False),
        ("a.c", "abc", False),
    ],
)
def test_patterns(policy: str, path: str, covers: bool) -> None:
    assert matches(policy, path) is covers
