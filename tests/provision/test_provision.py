"""Provisioning on the real server: idempotent, readable, narrow, and a good neighbour."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, StatusError
from adapter.model.address import Scope
from adapter.provision import Finding, Wanted, apply, check
from adapter.provision.people import adapter_credentials
from adapter.vault import Caller, Vault, VaultSession, policies
from adapter.vault.answers import decode_any, decode_auth
from adapter.vault.kv import KvStore
from adapter.vault.session import ServerKind
from tests.conftest import WANTED
from tests.support.server import People, Server


async def call(session: VaultSession, method: str, path: str, **options: Any) -> dict[str, Any]:
    _, content = await session.send(method, path, **options)
    return json.loads(content) if content else {}


def root(server: Server, vault: Any) -> VaultSession:
    return vault.session(Caller(server.token))


async def findings(server: Server, vault: Vault, token: SecretStr, wanted: Wanted) -> list[Finding]:
    """What `check` finds, but for an audit device, which a server that was given may do without."""
    found = await check(vault, token, wanted)
    return [one for one in found if server.own or one.title != "audit device"]


async def test_a_second_run_changes_nothing(server: Server, people: People) -> None:
    async with server.vault() as vault:
        assert await findings(server, vault, server.token, WANTED) == []
        done: list[str] = []
        await apply(vault, server.token, WANTED, done.append)
        assert done == []


async def test_an_admins_token_is_enough_and_a_developers_is_not(server: Server, people: People) -> None:
    async with server.vault() as vault:
        assert await findings(server, vault, people["admin"].token, WANTED) == []
        with pytest.raises(NotAllowed):
            await check(vault, people["developer"].token, WANTED)


async def test_an_admin_adds_a_scope_and_check_alone_changes_nothing(
    server: Server, people: People, fresh: str
) -> None:
    wanted = Wanted(scopes=(Scope.parse(f"service/{fresh}"),))
    async with server.vault() as vault:
        admin = people["admin"].token
        found = await findings(server, vault, admin, wanted)
        titles = {finding.title for finding in found}
        assert {f"policy status-developer-service-{fresh}", f"scope service/{fresh}", "policy status-admin"} <= titles
        assert await findings(server, vault, admin, wanted) == found
        await apply(vault, admin, wanted)
        assert await findings(server, vault, admin, wanted) == []
        assert await findings(server, vault, admin, WANTED) == []


async def test_drift_is_shown_as_a_diff_and_mended(server: Server, people: People, fresh: str) -> None:
    wanted = Wanted(scopes=(Scope.parse(f"custom/{fresh}"),))
    name = f"status-user-custom-{fresh}"
    async with server.vault() as vault:
        await apply(vault, server.token, wanted)
        session = root(server, vault)
        text = (await call(session, "GET", f"sys/policies/acl/{name}"))["data"]["policy"]
        widened = text.replace('"list", ', '"delete", "list", ')
        await call(session, "PUT", f"sys/policies/acl/{name}", body={"policy": widened})
        found = await findings(server, vault, server.token, wanted)
        assert [finding.title for finding in found] == [f"policy {name}"]
        shown = found[0].differences
        assert any(line.startswith("-") and '"delete"' in line for line in shown)
        assert f'+ path "status/metadata/custom/{fresh}/*" {{' in shown  # whole rules
        await apply(vault, server.token, wanted)
        assert (await call(session, "GET", f"sys/policies/acl/{name}"))["data"]["policy"] == text


async def test_members_of_a_group_stay(server: Server, people: People, fresh: str) -> None:
    wanted = Wanted(scopes=(Scope.parse(f"custom/{fresh}"),))
    path = f"identity/group/name/status-user-custom-{fresh}"
    async with server.vault() as vault:
        await apply(vault, server.token, wanted)
        session = root(server, vault)
        entity = (await call(session, "POST", "identity/entity", body={"name": f"person-{fresh}"}))["data"]["id"]
        await call(session, "POST", path, body={"policies": ["default"], "member_entity_ids": [entity]})
        await apply(vault, server.token, wanted)
        group = (await call(session, "GET", path))["data"]
        assert group["policies"] == [f"status-user-custom-{fresh}", "status-user-global"]
        assert group["member_entity_ids"] == [entity]


async def test_only_what_is_named_status_is_touched(server: Server, people: People, fresh: str) -> None:
    async def state(session: VaultSession) -> dict[str, set[str]]:
        mounts = (await call(session, "GET", "sys/mounts"))["data"]
        auths = (await call(session, "GET", "sys/auth"))["data"]
        policies = (await call(session, "LIST", "sys/policies/acl"))["data"]["keys"]
        rotation = (await call(session, "GET", "sys/rotate/config"))["data"]
        return {
            "mounts": {f"{name} {mount['type']} {mount['accessor']}" for name, mount in mounts.items()},
            "auth": {f"{name} {mount['type']} {mount['accessor']}" for name, mount in auths.items()},
            "policies": set(policies),
            "rotation": {str(rotation)},
        }

    async with server.vault() as vault:
        session = root(server, vault)
        before = await state(session)
        await apply(vault, server.token, Wanted(scopes=(Scope.parse(f"service/{fresh}"),)))
        after = await state(session)
        assert {key: before[key] - after[key] for key in before} == {key: set() for key in before}
        assert after["policies"] > before["policies"]
        assert all("status" in name for key in after for name in after[key] - before[key])


async def test_a_mount_of_another_kind_is_left_alone(server: Server, people: People, fresh: str) -> None:
    mount = f"status-{fresh}"
    async with server.vault(mount=mount) as vault:
        session = root(server, vault)
        await call(session, "POST", f"sys/mounts/{mount}", body={"type": "transit"})
        with pytest.raises(Invalid, match="Something else"):
            await apply(vault, server.token, Wanted(mount=mount))
        await call(session, "DELETE", f"sys/mounts/{mount}")


@pytest.fixture
async def adapters_token(server: Server, people: People) -> SecretStr:
    """A token of the adapter's own identity."""
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
        body = {"role_id": role_id, "secret_id": secret_id.get_secret_value()}
        anyone = vault.session(Caller(SecretStr("")))
        _, content = await anyone.send("POST", "auth/status-approle/login", body=body)
        return SecretStr(decode_auth(content).client_token)


MINT = {
    "policies": ["status-act-environment-production"],
    "ttl": "30s",
    "num_uses": 2,
    "display_name": "developer",
    "meta": {"act": "rolled_back"},
}


async def test_the_adapter_mints_an_act_token_of_few_uses_and_a_short_life(
    server: Server, people: People, adapters_token: SecretStr
) -> None:
    async with server.vault() as vault:
        session = vault.session(Caller(adapters_token))
        auth = (await call(session, "POST", "auth/token/create/status-act", body=MINT))["auth"]
        assert auth["token_policies"] == ["status-act-environment-production"]
        assert (auth["renewable"], auth["token_type"], auth["num_uses"]) == (False, "service", 2)
        longer = {**MINT, "ttl": "1h", "num_uses": 1_000_000}
        auth = (await call(session, "POST", "auth/token/create/status-act", body=longer))["auth"]
        assert auth["lease_duration"] <= 60
        assert auth["num_uses"] <= 200


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("status-act", {"entity_alias": "admin"}),
        ("status-act", {"period": "1h"}),
        ("status-act", {"id": "s.mine"}),
        ("status-act", {"meta": None}),
        ("status-act", {"policies": None}),
        ("status-act", {"ttl": None}),
        ("status-act", {"num_uses": None}),
        ("status-act", {"policies": ["status-admin"]}),
        ("status-act", {"policies": ["root"]}),
        ("status-account", {}),
        ("status-account", {"policies": ["status-admin"], "explicit_max_ttl": "60s", "entity_alias": "account-1"}),
        ("status-account", {"policies": ["status-user-global"], "explicit_max_ttl": "60s", "entity_alias": "admin"}),
        ("other", {}),
    ],
)
async def test_the_adapter_mints_nothing_wider(
    server: Server, people: People, adapters_token: SecretStr, path: str, change: dict[str, Any]
) -> None:
    body = {key: value for key, value in {**MINT, **change}.items() if value is not None}
    async with server.vault() as vault:
        with pytest.raises(StatusError) as caught:
            await call(vault.session(Caller(adapters_token)), "POST", f"auth/token/create/{path}", body=body)
        assert caught.value.code in ("not_allowed", "invalid")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "status/data/environment/production/x"),
        ("LIST", "status/metadata/environment/production"),
        ("POST", "status/data/environment/production/x"),
        ("POST", "auth/token/create"),
        ("POST", "auth/token/create-orphan"),
        ("GET", "sys/mounts"),
        ("GET", "sys/policies/acl/status-admin"),
        ("LIST", "identity/entity/name"),
        ("GET", "identity/entity/name/person-admin"),
        ("GET", "auth/status-approle/role/status-adapter"),
        ("POST", "auth/status-approle/role/status-adapter/secret-id"),
        ("GET", "sys/audit"),
    ],
)
async def test_the_adapters_identity_reaches_nothing_else(
    server: Server, people: People, adapters_token: SecretStr, method: str, path: str
) -> None:
    async with server.vault() as vault:
        with pytest.raises(NotAllowed):
            await call(vault.session(Caller(adapters_token)), method, path, body={} if method == "POST" else None)


@pytest.mark.parametrize("setting", ["max_versions", "delete_version_after", "cas_required", "metadata_cas_required"])
async def test_no_developer_shortens_a_history(server: Server, people: People, fresh: str, setting: str) -> None:
    async with server.vault() as vault:
        developer = vault.session(Caller(people["developer"].token))
        path = f"environment/production/{fresh}"
        await call(developer, "POST", f"status/data/{path}", body={"data": {"value": "x"}})
        with pytest.raises(NotAllowed):
            await call(
                developer,
                "PATCH",
                f"status/metadata/{path}",
                body={setting: 1 if setting == "max_versions" else True},
                headers={"Content-Type": "application/merge-patch+json"},
            )
        for method in ("GET", "DELETE"):
            with pytest.raises(NotAllowed):
                await call(developer, method, f"status/data/{path}")


async def test_the_header_of_a_reason_is_in_the_audit_log(server: Server, people: People, fresh: str) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    async with server.vault() as vault:
        caller = Caller(people["viewer"].token, reason=f"because {fresh} ü", client="test/1")
        await KvStore(vault.session(caller)).children("global")
    lines = [json.loads(line) for line in server.audit_log.read_text().splitlines() if fresh in line]
    assert {line["type"] for line in lines} == {"request", "response"}
    headers = lines[0]["request"]["headers"]
    assert headers["x-status-reason"] == [f"because {fresh} ü"]
    assert headers["x-status-client"] == ["test/1"]
    assert headers["x-status-request"] == [caller.request_id]


async def test_credentials_are_of_the_role(server: Server, people: People, adapters_token: SecretStr) -> None:
    async with server.vault() as vault:
        _, content = await vault.session(Caller(adapters_token)).send("GET", "auth/token/lookup-self")
        about = decode_any(content)
        assert about["policies"] == ["status-adapter"]


def test_on_a_shared_server_admin_manages_no_user_names_unless_asked_for() -> None:
    server = ServerKind.OPENBAO
    assert "/users" not in policies.admin_policy([], server, Wanted().layout)
    assert "auth/people/users/*" in policies.admin_policy([], server, Wanted(userpass_mount="people").layout)
