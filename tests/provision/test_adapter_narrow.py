"""The adapter's own identity, tried on everything that the server has: it mints what it may, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, StatusError
from adapter.provision.people import adapter_credentials
from adapter.vault import Caller, VaultSession
from adapter.vault.answers import decode_any
from adapter.vault.policies import SEAL_KEY, Layout
from adapter.vault.tokens import login_approle
from tests.conftest import WANTED
from tests.support.server import People, Server

FILLS = ("x", "status-act", "status-admin", "status-adapter", "status-account", "account-1", "person-admin", SEAL_KEY)
"""What stands in for a parameter in the path of one of the server's own calls."""

MAY = {
    "auth/token/create/status-act": {"update"},
    "auth/token/create/status-account": {"update"},
    "auth/token/lookup-self": {"read"},
    "auth/token/revoke-self": {"update"},
    "identity/entity/name/account-1": {"read"},
    f"{Layout().seal}/sign/{SEAL_KEY}": {"update"},
}
"""All that it may. What one of these refuses by its parameters is below."""


@asynccontextmanager
async def adapter_session(server: Server) -> AsyncIterator[tuple[VaultSession, VaultSession]]:
    """The adapter's session, and one that may do everything."""
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
        auth = await login_approle(vault.session(Caller(SecretStr(""))), role_id, secret_id, "status-approle")
        yield vault.session(Caller(SecretStr(auth.client_token))), vault.session(Caller(server.token))


async def every_path(root: VaultSession) -> set[str]:
    """Each call that the server describes of itself, on every mount, with each of `FILLS` for its parameters."""
    _, content = await root.send("GET", "sys/internal/specs/openapi")
    templates = [path.removeprefix("/") for path in json.loads(content)["paths"]]
    assert len(templates) > 100
    filled = {re.sub(r"\{[^}]*\}", fill, path) for path in templates for fill in FILLS}
    mounts = await _mounts(root)
    scoped = [
        f"status/{kind}/environment/production/x" for kind in ("data", "metadata", "delete", "undelete", "destroy")
    ]
    return {*filled, *scoped, *(f"{mount}{rest}" for mount in mounts for rest in ("", "x", "config", "keys/x"))}


async def _mounts(root: VaultSession) -> list[str]:
    found = []
    for table, prefix in (("sys/mounts", ""), ("sys/auth", "auth/")):
        _, content = await root.send("GET", table)
        found.extend(f"{prefix}{path}" for path, mount in decode_any(content).items() if isinstance(mount, dict))
    return found


async def test_nothing_else_on_any_mount(server: Server, people: People) -> None:
    async with adapter_session(server) as (own, root):
        may: dict[str, set[str]] = {}
        token = own.caller.token.get_secret_value()
        for paths in _in_parts(sorted(await every_path(root)), 200):
            _, content = await root.send("POST", "sys/capabilities", body={"token": token, "paths": paths})
            answers = decode_any(content)
            may |= {path: set(answers[path]) for path in paths if answers[path] != ["deny"]}
        assert may == MAY


def _in_parts(paths: list[str], size: int) -> Iterator[list[str]]:
    yield from (paths[start : start + size] for start in range(0, len(paths), size))


ACT: dict[str, Any] = {
    "policies": ["status-act-environment-production"],
    "ttl": "30s",
    "num_uses": 2,
    "display_name": "developer",
    "meta": {"act": "rolled_back"},
}
ACCOUNT: dict[str, Any] = {
    "policies": ["status-developer-global"],
    "entity_alias": "account-1",
    "explicit_max_ttl": "60s",
    "display_name": "erika",
    "meta": {"user_id": "1", "username": "erika"},
}
FOREIGN_POLICIES = (
    ["root"],
    ["status-admin"],
    ["status-adapter"],
    ["status-adapter-jwt-admin"],
    ["status-use-environment-production"],
    ["response-wrapping"],
    ["STATUS-ADMIN"],
    [" status-admin"],
    ["*"],
    ["status-*"],
)
FOREIGN_ALIASES: tuple[Any, ...] = (
    [],
    {},
    0,
    "admin",
    "person-admin",
    "xaccount-1",
    "Xaccount-1",
    "accoun",
    "",
    "*",
    "../account-1",
    "entity_1",
)


async def mint(session: VaultSession, role: str, body: dict[str, Any]) -> dict[str, Any]:
    sent = {key: value for key, value in body.items() if value is not None}
    _, content = await session.send("POST", "auth/token/create", role, body=sent)
    auth: dict[str, Any] = json.loads(content)["auth"]
    return auth


async def refused(session: VaultSession, role: str, body: dict[str, Any]) -> bool:
    try:
        await mint(session, role, body)
    except (NotAllowed, Invalid):
        return True
    return False


def widened(body: dict[str, Any], foreign: Iterable[list[str]], mine: str) -> Iterator[dict[str, Any]]:
    """The body with policies of others, alone and beside its own; and without what it must have."""
    for policies in foreign:
        yield {**body, "policies": policies}
        yield {**body, "policies": [mine, *policies]}
    yield from ({**body, name: None} for name in body)
    yield {**body, "id": "s.of-my-own-choosing"}
    yield {**body, "period": "1h"}
    yield {**body, "Period": "1h"}
    yield {**body, "num_uses": -1}


async def test_no_act_token_beyond_its_role(server: Server, people: People) -> None:
    mine = "status-act-environment-production"
    foreign = (*FOREIGN_POLICIES, ["status-developer-global"], ["status-user-global"], ["default"])
    async with adapter_session(server) as (own, _):
        assert not await refused(own, "status-act", ACT)
        for body in widened(ACT, foreign, mine):
            assert await refused(own, "status-act", body), body
        for alias in (*FOREIGN_ALIASES, "account-1"):
            assert await refused(own, "status-act", {**ACT, "entity_alias": alias}), alias


async def test_no_account_token_beyond_its_role(server: Server, people: People) -> None:
    foreign = (*FOREIGN_POLICIES, ["status-act-environment-production"], ["status-act-global"])
    async with adapter_session(server) as (own, _):
        assert not await refused(own, "status-account", ACCOUNT)
        for body in widened(ACCOUNT, foreign, "status-developer-global"):
            assert await refused(own, "status-account", body), body
        for alias in FOREIGN_ALIASES:
            assert await refused(own, "status-account", {**ACCOUNT, "entity_alias": alias}), alias


async def test_no_account_token_without_an_entity(server: Server, people: People) -> None:
    """It would outlive the disabling of its account."""
    async with adapter_session(server) as (own, _):
        for alias in ("", None):
            body = json.dumps({**ACCOUNT, "entity_alias": alias})
            with pytest.raises(NotAllowed):
                await own.send("POST", "auth/token/create/status-account", body=json.loads(body))


@pytest.mark.parametrize("role", ["", "status-account-admin", "status-acT", "status-act/", "status-act/x", "other"])
async def test_no_other_role(server: Server, people: People, role: str) -> None:
    async with adapter_session(server) as (own, _):
        for body in (ACT, ACCOUNT, {}, {"policies": ["status-admin"]}):
            with pytest.raises(StatusError) as caught:
                await mint(own, role, body)
            assert caught.value.code in ("not_allowed", "invalid", "not_found")


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"ttl": "10h"},
        {"ttl": "0s"},
        {"num_uses": 0},
        {"num_uses": 1_000_000},
        {"explicit_max_ttl": "10h"},
        {"lease": "10h"},
        {"renewable": True},
        {"type": "batch"},
        {"no_default_policy": False},
        {"no_parent": False},
    ],
    ids=str,
)
async def test_a_life_and_uses_as_the_role_has_them(server: Server, people: People, change: dict[str, Any]) -> None:
    """What a mint may name is cut to what its role has; whatever else there is, it may not even name."""
    async with adapter_session(server) as (own, _):
        for role, body, longest in (("status-act", ACT, 60), ("status-account", ACCOUNT, 7200)):
            if change.keys() - body.keys():
                assert await refused(own, role, {**body, **change}), "not one field more"
                continue
            minted = await mint(own, role, {**body, **change})
            assert 0 < minted["lease_duration"] <= longest
            assert (minted["renewable"], minted["token_type"], minted["orphan"]) == (False, "service", True)
            assert {*minted["policies"], "default"} == {*body["policies"], "default"}
            assert role == "status-account" or 0 < minted["num_uses"] <= 200


async def test_an_account_of_a_group_is_no_way_up(server: Server, people: People) -> None:
    """An account's entity that somebody put into a group of ADMIN would give that group's rights: none is in one."""
    async with adapter_session(server) as (own, _):
        account = await mint(own, "status-account", ACCOUNT)
    async with server.vault() as vault:
        session = vault.session(Caller(SecretStr(account["client_token"])))
        _, content = await session.send("GET", "auth/token/lookup-self")
        about = decode_any(content)
        assert about.get("identity_policies", []) == []
        with pytest.raises(NotAllowed):
            await session.send("GET", "status/data/global/x")


async def test_an_act_token_is_good_for_its_scope_alone(server: Server, people: People) -> None:
    async with adapter_session(server) as (own, root):
        act = await mint(own, "status-act", {**ACT, "num_uses": 100})
        body = {"token": act["client_token"], "paths": sorted(await every_path(root))[:400]}
        _, content = await root.send("POST", "sys/capabilities", body=body)
        may = {path for path, words in decode_any(content).items() if path in body["paths"] and words != ["deny"]}
        assert all("/environment/production/" in path for path in may)
