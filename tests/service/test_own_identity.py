"""The adapter's own identity: one sign-in for all who need it, and nothing left of it afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from pydantic import SecretStr

from adapter.errors import NotAllowed, NotSignedIn, OutcomeUnknown
from adapter.model.address import Address
from adapter.provision.people import adapter_credentials
from adapter.service.acting import ActingIdentity, Behalf
from adapter.service.app import Act, Services
from adapter.service.copying import Job, copying_store
from adapter.service.own_identity import OwnIdentity
from adapter.vault import Caller, Vault, VaultSession, tokens
from adapter.vault.problems import VaultRefusal, not_signed_in
from tests.conftest import WANTED
from tests.support.server import People, Server

NOBODY = Caller(SecretStr(""))
PLACE = Address("environment/production/x")


async def token_of(session: VaultSession) -> SecretStr:
    await tokens.lookup_self(session)
    return session.caller.token


@asynccontextmanager
async def own_identity(server: Server) -> AsyncIterator[tuple[Vault, OwnIdentity]]:
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
        yield vault, OwnIdentity(vault, role_id, secret_id)


async def test_many_at_once_sign_in_once(server: Server, people: People) -> None:
    async with own_identity(server) as (_, own):
        assert len({held.get_secret_value() for held in await _uses(own)}) == 1


async def _uses(own: OwnIdentity) -> list[SecretStr]:
    return await asyncio.gather(*(own.use(NOBODY, token_of) for _ in range(20)))


async def test_many_who_find_it_revoked_sign_in_once(server: Server, people: People) -> None:
    """None of them takes the token from the others that one of them has just got."""
    async with own_identity(server) as (vault, own):
        first = await own.use(NOBODY, token_of)
        await tokens.revoke_self(vault.session(Caller(first)))
        again = {held.get_secret_value() for held in await _uses(own)}
        assert len(again) == 1
        assert first.get_secret_value() not in again


async def test_a_sign_in_that_fails_fails_for_all_and_the_next_one_tries_again(
    server: Server, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with own_identity(server) as (_, own):
        with monkeypatch.context() as patch:
            patch.setattr(own, "_secret_id", SecretStr("wrong"))
            refused = await asyncio.gather(*(own.use(NOBODY, token_of) for _ in range(3)), return_exceptions=True)
            assert [type(error) for error in refused] == [NotAllowed] * 3
        assert await own.use(NOBODY, token_of)


async def test_a_token_near_its_end_is_replaced(server: Server, people: People) -> None:
    now = 0.0
    async with own_identity(server) as (vault, own):
        own = OwnIdentity(vault, own._role_id, own._secret_id, lambda: now)
        first = await own.use(NOBODY, token_of)
        now = 3000.0
        assert await own.use(NOBODY, token_of) == first
        now = 3550.0
        assert await own.use(NOBODY, token_of) != first


async def test_it_is_revoked_at_the_end(server: Server, people: People) -> None:
    async with own_identity(server) as (vault, own):
        held = await own.use(NOBODY, token_of)
        await own.aclose()
        with pytest.raises(NotSignedIn):
            await token_of(vault.session(Caller(held)))
        await own.aclose()


async def test_the_log_shows_from_where_an_act_was_asked_for(server: Server, people: People, fresh: str) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    async with own_identity(server) as (vault, own):
        acting = ActingIdentity(vault, own._role_id, own._secret_id)
        caller = replace(NOBODY, address="203.0.113.9", request_id=fresh)
        behalf = Behalf("rolled_back", PLACE, "erika", "", fresh, "")
        await acting.mint(caller, behalf, "status-act-environment-production", 1)
    lines = [json.loads(line) for line in server.audit_log.read_text().splitlines() if fresh in line]
    mints = [line["request"] for line in lines if line["request"]["path"] == "auth/token/create/status-act"]
    assert {mint["remote_address"] for mint in mints} == {"203.0.113.9"}


@asynccontextmanager
async def developers_act(server: Server, people: People) -> AsyncIterator[Act]:
    async with own_identity(server) as (vault, own):
        acting = ActingIdentity(vault, own._role_id, own._secret_id)
        yield Services(vault, acting=acting).act(Caller(people["developer"].token))


async def test_what_the_person_may_not_is_not_put_down_to_the_adapter(server: Server, people: People) -> None:
    async with developers_act(server, people) as act:
        with pytest.raises(VaultRefusal):
            async with copying_store(act, Job("rolled_back", PLACE, ""), PLACE, 1):
                await act.store.stored(PLACE, 1)
        with pytest.raises(NotSignedIn):
            async with copying_store(act, Job("rolled_back", PLACE, ""), PLACE, 1):
                raise not_signed_in()


async def test_what_an_act_token_may_not_is(server: Server, people: People) -> None:
    job = Job("rolled_back", PLACE, "")
    async with developers_act(server, people) as act, copying_store(act, job, PLACE, 2) as store:
        for _ in range(2):
            with pytest.raises(NotAllowed, match="own identity"):
                await store.metadata(PLACE)
        with pytest.raises(OutcomeUnknown):
            await store.change_versions("destroy", PLACE, 1)
