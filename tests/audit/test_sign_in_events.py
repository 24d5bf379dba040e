"""Signing in as the audit view shows it: by every way, done and denied."""

from __future__ import annotations

import httpx
import pytest
from pydantic import SecretStr

from adapter.api.app import create_app
from adapter.audit.actors import actor_of
from adapter.audit.lines import Auth
from adapter.audit.paths import Act, Layout, place_of
from adapter.client.in_process import InProcess
from adapter.provision.people import adapter_credentials
from adapter.service.identity import person_name
from adapter.settings import load_settings, sign_in_mounts
from adapter.vault import Caller
from adapter.vault.answers import TokenInfo
from tests.conftest import WANTED
from tests.support.oidc import REDIRECT, make_issuer, remove_issuer
from tests.support.platform import KEY, bearer, claims, signed
from tests.support.server import People, Server


@pytest.mark.parametrize(
    ("path", "mount", "act", "actor"),
    [
        ("auth/userpass/login/erika", "auth/userpass/", Act.SIGNED_IN, "erika"),
        ("auth/userpass/login/login", "auth/userpass/", Act.SIGNED_IN, "login"),
        ("auth/userpass/users/login", "auth/userpass/", Act.OTHER, ""),
        ("auth/corp/ldap/login/erika", "auth/corp/ldap/", Act.SIGNED_IN, "erika"),
        ("auth/corp/ldap/users/login", "auth/corp/ldap/", Act.OTHER, ""),
        ("auth/corp/sso/oidc/callback", "auth/corp/sso/", Act.SIGNED_IN, ""),
        ("auth/userpass/login/erika", "", Act.SIGNED_IN, "erika"),
    ],
)
def test_where_a_method_is_mounted(path: str, mount: str, act: Act, actor: str) -> None:
    place = place_of(Layout(), path, "update", mount)
    assert place is not None
    assert (place.act, place.actor) == (act, actor)


@pytest.mark.parametrize(
    ("display", "metadata", "name"),
    [
        ("userpass-erika", {"username": "erika"}, "erika"),
        ("oidc-erika@example.org", {"role": "people"}, "erika@example.org"),
        ("corp-sso-erika", {"role": "people"}, "erika"),
        ("unnamed-erika", {"role": "people"}, "unnamed-erika"),
        ("unnamed-erika", {"role": "people", "username": "erika"}, "erika"),
        ("status-approle", {"role_name": "status-component-node-red"}, "node-red"),
    ],
)
def test_the_record_and_the_log_name_people_alike(display: str, metadata: dict[str, str], name: str) -> None:
    """Else each version of theirs would be flagged as somebody else's."""
    settings = load_settings(vault_addr="https://vault", auth_methods=("userpass", "oidc:corp/sso"))
    mounts = sign_in_mounts(settings)
    assert person_name(TokenInfo(display, entity_id="e", meta=metadata), mounts) == name
    auth = Auth(display_name=display, policies=("default",), entity_id="e", metadata=metadata)
    assert actor_of(auth, Layout(sign_ins=mounts)).name == name


async def test_each_way_is_an_event(server: Server, people: People, fresh: str, tmp_path: object) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    developer, mount = people["developer"], f"corp/{fresh}"
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
        root = vault.session(Caller(server.token))
        await root.send("POST", f"sys/auth/{mount}", body={"type": "userpass"})
        await root.send("POST", f"auth/{mount}/users/{fresh}", body={"password": "x"})
    issuer = await make_issuer(server, developer, f"{fresh}-sso")
    settings = load_settings(
        vault_addr=server.url,
        vault_cacert=server.cacert,
        adapter_role_id=role_id,
        adapter_secret_id=secret_id,
        jwt_secret=SecretStr(KEY),
        audit_log=(server.audit_log,),
        audit_index=f"{tmp_path}/audit.db",
    )
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=InProcess(app), base_url="http://adapter/api/v1", timeout=10) as api,
    ):
        ldap = {"method": "ldap", "mount": mount, "username": fresh}
        assert (await api.post("/auth/login", json={**ldap, "password": "x"})).status_code == 200
        assert (await api.post("/auth/login", json={**ldap, "password": "wrong"})).status_code == 401
        started = (await api.post("/auth/login", json={"method": "oidc", "mount": issuer.mount})).json()
        back = httpx.URL(await issuer.sign_in(started["authUrl"], developer))
        assert str(back).startswith(REDIRECT)
        done = await api.post("/auth/login", json={"method": "oidc", "mount": issuer.mount, **dict(back.params)})
        account = bearer(signed(claims(4711, username=f"{fresh}-account")))
        assert (await api.get("/me", headers=account)).status_code == 200
        forged = bearer(signed(claims(), key="another key, of the same length 01"))
        refused = await api.get("/me", headers={**forged, "X-Status-Client": f"{fresh}/1"})
        assert refused.status_code == 401

        async def events(**wanted: str) -> list[tuple[str, str, str]]:
            answer = await api.get(
                "/audit", params={"act": "signed_in", "limit": 1000, **wanted}, headers=people["admin"].headers
            )
            found = answer.json()["events"]
            return [(event["actor"], event["actorKind"], event["outcome"]) for event in found]

        async def until(count: int, **wanted: str) -> set[tuple[str, str, str]]:
            for _ in range(100):
                if len(found := await events(**wanted)) >= count:
                    return set(found)
            return set(found)

        assert await until(2, actor=fresh) >= {(fresh, "person", "done")}
        assert {outcome for _, _, outcome in await until(2, actor=fresh)} == {"done", "denied"}
        assert (f"{fresh}-account", "account", "done") in await until(1, actor=f"{fresh}-account")
        assert {outcome for _, _, outcome in await until(1, client=f"{fresh}/1")} == {"denied"}
        name = done.json()["name"]
        assert {(kind, outcome) for _, kind, outcome in await until(1, actor=name)} == {("person", "done")}
    await remove_issuer(issuer)
    async with server.vault() as vault:
        await vault.session(Caller(server.token)).send("DELETE", f"sys/auth/{mount}")
