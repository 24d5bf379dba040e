"""The vault's tokens of STATUS accounts: when they are looked at again, revoked, and at an end."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from adapter.errors import NotAllowed, NotSignedIn, Unreachable
from adapter.model.accounts import scope_key
from adapter.model.address import Scope
from adapter.provision import apply
from adapter.provision.people import adapter_credentials
from adapter.service.accounts import LOOKED_AT_AGAIN, Accounts
from adapter.service.own_identity import OwnIdentity
from adapter.service.platform_jwt import PlatformKeys
from adapter.vault import Caller
from adapter.vault.tokens import lookup_self
from tests.conftest import WANTED
from tests.support.accounts import grant, root
from tests.support.platform import KEY, OLD_KEY, bearer, claims, signed
from tests.support.server import People, Server

PRODUCTION = Scope.parse("environment/production")
STAGING = Scope.parse("environment/staging")


async def test_signing_out_revokes_the_vaults_token(
    platform: httpx.AsyncClient, app: FastAPI, server: Server, user_id: int
) -> None:
    token = SecretStr(signed(claims(user_id)))
    headers = bearer(token.get_secret_value())
    assert (await platform.get("/me", headers=headers)).status_code == 200
    minted = await app.state.services.accounts.token_for(token, Caller(SecretStr("")))
    assert (await platform.post("/auth/logout", headers=headers)).status_code == 204
    async with server.vault() as vault:
        with pytest.raises(NotSignedIn):
            await lookup_self(vault.session(Caller(minted)))
    assert (await platform.get("/me", headers=headers)).status_code == 200, "it is the platform's to end its own"


async def test_a_token_revoked_at_the_vault_is_exchanged_anew(
    platform: httpx.AsyncClient, app: FastAPI, server: Server, user_id: int
) -> None:
    token = SecretStr(signed(claims(user_id)))
    headers = bearer(token.get_secret_value())
    minted = await app.state.services.accounts.token_for(token, Caller(SecretStr("")))
    async with root(server) as call:
        await call("POST", "auth/token/revoke", {"token": minted.get_secret_value()})
    assert [(await platform.get("/me", headers=headers)).status_code for _ in range(2)] == [401, 200]


async def test_a_disabled_account_is_refused_at_once(platform: httpx.AsyncClient, server: Server, user_id: int) -> None:
    await grant(server, user_id)
    headers = bearer(signed(claims(user_id)))
    assert (await platform.get("/secrets", headers=headers)).status_code == 200
    await grant(server, user_id, disabled=True)
    codes = [(await platform.get("/secrets", headers=headers)).status_code for _ in range(3)]
    assert codes == [401, 403, 403], "the vault's own refusal first, then ours with its reason"
    fresh_token = bearer(signed(claims(user_id, username="erika again")))
    refused = await platform.get("/me", headers=fresh_token)
    assert (refused.status_code, refused.json()["message"]) == (403, "This account is disabled.")
    await grant(server, user_id, disabled=False)
    assert (await platform.get("/me", headers=fresh_token)).status_code == 200


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def exchange(server: Server, clock: Clock) -> AsyncIterator[Accounts]:
    async with server.vault() as vault:
        own = OwnIdentity(vault, *await adapter_credentials(vault, server.token, WANTED))
        yield Accounts(vault, PlatformKeys([SecretStr(KEY)]), own, (PRODUCTION,), clock)


async def test_a_changed_grant_takes_effect_within_a_minute(server: Server, people: People, user_id: int) -> None:
    clock = Clock()
    token, caller = SecretStr(signed(claims(user_id))), Caller(SecretStr(""))
    async with exchange(server, clock) as accounts, server.vault() as vault:
        first = await accounts.token_for(token, caller)
        clock.now += LOOKED_AT_AGAIN + 1
        assert await accounts.token_for(token, caller) == first, "nothing changed"
        await grant(server, user_id, metadata={scope_key(STAGING): "USER"})
        assert await accounts.token_for(token, caller) == first, "not yet looked at again"
        clock.now += LOOKED_AT_AGAIN + 1
        second = await accounts.token_for(token, caller)
        with pytest.raises(NotSignedIn):
            await lookup_self(vault.session(Caller(first)))
        held = await lookup_self(vault.session(Caller(second)))
        assert set(held.policies) == {"default", "status-user-environment-staging", "status-user-global"}
        await grant(server, user_id, disabled=True)
        clock.now += LOOKED_AT_AGAIN + 1
        with pytest.raises(NotAllowed):
            await accounts.token_for(token, caller)


async def test_nothing_is_kept_past_the_end(server: Server, people: People, user_id: int) -> None:
    clock = Clock()
    token = SecretStr(signed(claims(user_id, exp=int(clock.now) + 30)))
    async with exchange(server, clock) as accounts:
        await accounts.token_for(token, Caller(SecretStr("")))
        clock.now += 31
        with pytest.raises(NotSignedIn):
            await accounts.token_for(token, Caller(SecretStr("")))


async def test_a_look_that_fails_leaves_the_token_for_the_next_one(
    server: Server, people: People, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    token, caller = SecretStr(signed(claims(user_id))), Caller(SecretStr(""))
    async with exchange(server, clock) as accounts:
        first = await accounts.token_for(token, caller)
        clock.now += LOOKED_AT_AGAIN + 1

        async def unreachable(*_: Any) -> None:
            raise Unreachable("The vault does not answer.")

        with monkeypatch.context() as patch:
            patch.setattr("adapter.service.accounts.account_entity", unreachable)
            with pytest.raises(Unreachable):
                await accounts.token_for(token, caller)
        assert await accounts.token_for(token, caller) == first


async def test_an_account_that_is_refused_later_loses_its_token(
    server: Server, people: People, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform's key was changed: what was exchanged for tokens of the old one ends."""
    clock = Clock()
    token, caller = SecretStr(signed(claims(user_id))), Caller(SecretStr(""))
    async with exchange(server, clock) as accounts, server.vault() as vault:
        minted = await accounts.token_for(token, caller)
        clock.now += LOOKED_AT_AGAIN + 1
        monkeypatch.setattr(accounts, "_keys", PlatformKeys([SecretStr(OLD_KEY)]))
        with pytest.raises(NotSignedIn):
            await accounts.token_for(token, caller)
        with pytest.raises(NotSignedIn):
            await lookup_self(vault.session(Caller(minted)))


async def test_what_is_forgotten_is_the_token_that_was_refused_and_no_newer_one(
    server: Server, people: People, user_id: int
) -> None:
    token, caller = SecretStr(signed(claims(user_id))), Caller(SecretStr(""))
    async with exchange(server, Clock()) as accounts:
        first = await accounts.token_for(token, caller)
        accounts.forget(token, first)
        second = await accounts.token_for(token, caller)
        accounts.forget(token, first)
        assert await accounts.token_for(token, caller) == second != first


async def test_a_process_that_ends_revokes_what_it_kept(server: Server, people: People, user_id: int) -> None:
    async with exchange(server, Clock()) as accounts, server.vault() as vault:
        minted = [
            await accounts.token_for(SecretStr(signed(claims(user_id, username=name))), Caller(SecretStr("")))
            for name in ("erika", "max")
        ]
        await accounts.aclose()
        for one in minted:
            with pytest.raises(NotSignedIn):
                await lookup_self(vault.session(Caller(one)))


async def test_accounts_that_may_be_admin_no_more(server: Server, people: People, user_id: int) -> None:
    if not server.own:
        pytest.skip("on a server that was given, other workers would see it meanwhile")
    clock = Clock()
    token, caller = SecretStr(signed(claims(user_id, "ADMIN"))), Caller(SecretStr(""))
    async with server.vault() as vault:
        try:
            await apply(vault, server.token, replace(WANTED, jwt_admin=True))
            async with exchange(server, clock) as accounts:
                first = await accounts.token_for(token, caller)
                assert "status-admin" in (await lookup_self(vault.session(Caller(first)))).policies
                await apply(vault, server.token, replace(WANTED, jwt_admin=False))
                clock.now += LOOKED_AT_AGAIN + 1
                second = await accounts.token_for(token, caller)
                assert "status-admin" not in (await lookup_self(vault.session(Caller(second)))).policies
                with pytest.raises(NotSignedIn):
                    await lookup_self(vault.session(Caller(first)))
        finally:
            await apply(vault, server.token, replace(WANTED, jwt_admin=False))
