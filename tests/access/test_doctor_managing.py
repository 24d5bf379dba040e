"""What of scopes, components and temporary access is half there, as the doctor finds and mends it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from adapter.model.access import ScopeSave
from adapter.model.address import Scope
from adapter.model.temporary import Temporary
from adapter.model.wire import SecretCreate
from adapter.service.app import Act, Services, utc_now
from adapter.service.creating import create_secret
from adapter.service.doctor import examine, managing
from adapter.service.doctor.checks import Finding
from adapter.service.scopes import entry_of, save_scope, view_scope
from adapter.service.temporary_ends import leftovers
from adapter.settings import load_settings
from adapter.vault import Caller, identity
from adapter.vault.policies import temporary_policy
from tests.support.server import People, Server


@pytest.fixture
async def act(server: Server, people: People) -> AsyncIterator[Act]:
    async with server.vault() as vault:
        yield Services(vault).act(Caller(people["admin"].token))


async def found(act: Act, words: str) -> list[Finding]:
    (examined,) = await examine(act, load_settings(), (managing.check,))
    assert examined.problem is None
    return [finding for finding in examined.findings if words in finding.what]


async def test_a_scope_that_is_half_there(act: Act, fresh: str) -> None:
    scope = f"custom/{fresh}"
    await save_scope(act, ScopeSave(scope=scope))
    assert await found(act, scope) == []
    await identity.delete_group(act.session, f"status-use-custom-{fresh}")
    (finding,) = await found(act, scope)
    assert f"scopes add {scope}" in finding.mend
    assert finding.repair is not None
    assert await finding.repair() == f"{scope} is ready."
    assert await found(act, scope) == []


@pytest.mark.parametrize("secret", [False, True])
async def test_a_scope_whose_retiring_ended_early(act: Act, fresh: str, secret: bool) -> None:
    scope = f"custom/{fresh}"
    await save_scope(act, ScopeSave(scope=scope))
    await act.store.patch_custom(entry_of(Scope.parse(scope)), {"retiring": "true"})
    if secret:
        await create_secret(act, SecretCreate(name="s", type="PASSWORD", value=SecretStr("v"), scope=scope))
    (finding,) = await found(act, scope)
    assert finding.repair is not None
    done = await finding.repair()
    assert done == (
        f"{scope} still holds 1 secret, so it cannot be retired. It is made whole again."
        if secret
        else f"{scope} is retired."
    )
    assert await found(act, scope) == []
    if secret:
        assert (await view_scope(act, Scope.parse(scope))).state == "ready"


async def test_a_component_that_is_half_there(act: Act, fresh: str) -> None:
    await act.session.send("POST", "auth/status-approle/role", f"status-component-{fresh}", body={})
    (finding,) = await found(act, fresh)
    assert "components add" in finding.mend
    assert finding.repair is None
    await act.session.send("DELETE", "auth/status-approle/role", f"status-component-{fresh}")


async def test_what_ended_access_left(act: Act, fresh: str) -> None:
    past = (utc_now() - timedelta(minutes=1)).isoformat()
    given = Temporary(secrets.token_hex(6), "person:x", f"global/{fresh}", past, "admin", past)
    body = {"policy": temporary_policy(given.title, "status", given.secret)}
    await act.session.send("PUT", "sys/policies/acl", given.policy, body=body)
    (finding,) = await found(act, "temporary access")
    assert finding.repair is not None
    assert "are gone" in await finding.repair()
    assert await leftovers(act) == []
