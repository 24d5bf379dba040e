"""Each check of the doctor on a server of its own: silent while all is well, and saying what was spoilt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from adapter.errors import NotSignedIn
from adapter.model.roles import Role
from adapter.provision import apply
from adapter.provision.people import add_person
from adapter.service.app import Services
from adapter.service.doctor import CHECKS, Examined, examine
from adapter.settings import Settings, load_settings
from adapter.vault import Caller
from adapter.vault.tokens import login_userpass
from tests.conftest import WANTED
from tests.support.bao import running_bao
from tests.support.server import Server

READ_ONLY = 'path "x" { capabilities = ["read"] }'
PASSWORD = SecretStr("a password of the test's own")


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, SecretStr]]:
    """A provisioned server that these tests may spoil, and an ADMIN's token."""

    async def provision(server: Server) -> SecretStr:
        async with server.vault() as vault:
            await apply(vault, server.token, replace(WANTED, own_server=True))
            await add_person(vault, server.token, WANTED, "admin", PASSWORD, Role.ADMIN)
            auth = await login_userpass(vault.session(Caller(SecretStr(""))), "admin", PASSWORD, "userpass")
            return SecretStr(auth.client_token)

    with running_bao(tmp_path_factory.mktemp("doctor") / "data") as server:
        yield server, asyncio.run(provision(server))


@pytest.fixture
def settings(spoilt: tuple[Server, SecretStr]) -> Settings:
    return load_settings(vault_addr=spoilt[0].url, vault_cacert=spoilt[0].cacert)


async def looked(
    spoilt: tuple[Server, SecretStr], settings: Settings, name: str, *, later: timedelta = timedelta(0)
) -> Examined:
    """One check as the ADMIN makes it, by a clock that is `later`."""
    server, admin = spoilt
    async with server.vault() as vault:
        services = Services(vault, now=lambda: datetime.now(UTC) + later)
        [check] = [check for check in CHECKS if check.name == name]
        [examined] = await examine(services.act(Caller(admin)), settings, (check,))
        assert examined.problem is None, examined.problem
        return examined


async def write(server: Server, method: str, path: str, body: Any = None) -> None:
    async with server.vault() as vault:
        headers = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else None
        await vault.session(Caller(server.token)).send(method, path, body=body, headers=headers)


async def repaired(spoilt: tuple[Server, SecretStr], settings: Settings, name: str) -> list[str]:
    """What the repairs of one check answer, made in one sitting as the command does."""
    server, admin = spoilt
    async with server.vault() as vault:
        [check] = [check for check in CHECKS if check.name == name]
        [examined] = await examine(Services(vault).act(Caller(admin)), settings, (check,))
        return [await finding.repair() for finding in examined.findings if finding.repair]


@pytest.mark.parametrize("name", [check.name for check in CHECKS if check.name != "tokens"])
async def test_nothing_is_found_where_all_is_well(
    spoilt: tuple[Server, SecretStr], settings: Settings, name: str
) -> None:
    assert (await looked(spoilt, settings, name)).findings == []


async def test_drift_is_shown_as_a_difference_and_mended(spoilt: tuple[Server, SecretStr], settings: Settings) -> None:
    server, _ = spoilt
    await write(server, "PUT", "sys/policies/acl/status-user-global", {"policy": READ_ONLY})
    await write(server, "DELETE", "sys/config/auditing/request-headers/X-Status-Reason")
    await write(server, "POST", "auth/token/roles/status-act", {"token_explicit_max_ttl": 3600})
    found = {finding.what for finding in (await looked(spoilt, settings, "installation")).findings}
    text = "\n".join(found)
    assert len(found) == 3
    assert '- path "x"' in text
    assert '+ path "status/metadata/global/*"' in text
    assert "audited header X-Status-Reason" in text
    assert "token_explicit_max_ttl: 3600 → 60" in text
    assert len(await repaired(spoilt, settings, "installation")) == 3
    assert (await looked(spoilt, settings, "installation")).findings == []


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("auth/userpass/users/erika", {"password": "x" * 20, "token_policies": "status-admin"}, "user erika"),
        ("auth/status-approle/role/other", {"token_policies": "status-use-global"}, "component other"),
        ("identity/entity/name/smuggled", {"policies": ["status-developer-global"]}, "entity smuggled"),
        ("identity/group/name/friends", {"policies": ["status-use-environment-production"]}, "group friends"),
    ],
)
async def test_a_right_besides_the_groups(
    spoilt: tuple[Server, SecretStr], settings: Settings, path: str, body: dict[str, Any], where: str
) -> None:
    await write(spoilt[0], "POST", path, body)
    [finding] = (await looked(spoilt, settings, "rights")).findings
    assert finding.what.startswith(where)
    assert "status-" in finding.what
    await write(spoilt[0], "DELETE", path)
    assert (await looked(spoilt, settings, "rights")).findings == []


async def test_root_tokens_and_sessions_without_an_end(spoilt: tuple[Server, SecretStr], settings: Settings) -> None:
    await write(spoilt[0], "POST", "auth/userpass/users/max", {"password": "x" * 20})
    roots, sessions = (await looked(spoilt, settings, "tokens")).findings
    assert roots.what == "1 root token is alive, 1 of them without an end."
    assert "max" in sessions.what
    await write(spoilt[0], "DELETE", "auth/userpass/users/max")
    [roots] = (await looked(spoilt, settings, "tokens")).findings


async def test_the_barrier_key(spoilt: tuple[Server, SecretStr], settings: Settings) -> None:
    [finding] = (await looked(spoilt, settings, "barrier-key", later=timedelta(days=100))).findings
    assert finding.what == "The barrier key is 100 days old."
    await write(spoilt[0], "POST", "sys/rotate/config", {"enabled": True, "interval": "0"})
    [finding] = (await looked(spoilt, settings, "barrier-key")).findings
    assert "not rotated by time" in finding.what
    await write(spoilt[0], "POST", "sys/rotate/config", {"enabled": True, "interval": "720h"})


@pytest.mark.parametrize(("later", "words"), [(timedelta(minutes=5), "behind"), (-timedelta(minutes=5), "ahead of")])
async def test_clocks_that_differ(
    spoilt: tuple[Server, SecretStr], settings: Settings, later: timedelta, words: str
) -> None:
    [finding] = (await looked(spoilt, settings, "clocks", later=later)).findings
    assert f"about 300 s {words} this machine's" in finding.what


async def test_certificates_that_end(spoilt: tuple[Server, SecretStr], settings: Settings, tmp_path: Path) -> None:
    distant = timedelta(days=365 * 30)
    [finding] = (await looked(spoilt, settings, "certificates", later=distant)).findings
    assert finding.what.startswith("The vault's certificate ended")
    file = tmp_path / "adapter.pem"
    file.write_bytes(_certificate(ends=datetime.now(UTC) + timedelta(days=10)))
    [finding] = (await looked(spoilt, settings.model_copy(update={"tls_cert": file}), "certificates")).findings
    assert "CN=adapter ends in 9 days" in finding.what
    file.write_text("no certificate")
    [finding] = (await looked(spoilt, settings.model_copy(update={"tls_cert": file}), "certificates")).findings
    assert "cannot be read" in finding.what


def _certificate(ends: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "adapter")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = builder.not_valid_before(ends - timedelta(days=90)).not_valid_after(ends)
    return built.sign(key, SHA256()).public_bytes(serialization.Encoding.PEM)


async def test_a_mount_that_others_use_too(spoilt: tuple[Server, SecretStr], settings: Settings) -> None:
    server, _ = spoilt
    value = {"data": {"value": "v"}}
    await write(server, "POST", "status/data/elsewhere/theirs", value)
    await write(server, "POST", "status/data/service/nobody-added/one", value)
    await write(server, "POST", "status/data/global/many", value)
    await write(server, "POST", "status/metadata/global/many", {"max_versions": 50})
    await write(server, "POST", "status/data/global/one", value)
    await write(server, "POST", "status/metadata/global/one", {"max_versions": 1})
    found = [finding.what for finding in (await looked(spoilt, settings, "mount")).findings]
    assert [what.split(":")[-1].strip(" .") for what in found] == [
        "elsewhere/theirs",
        "service/nobody-added",
        "global/many",
        "global/one",
    ]
    for path in ("elsewhere/theirs", "service/nobody-added/one", "global/many", "global/one"):
        await write(server, "DELETE", f"status/metadata/{path}")
    assert (await looked(spoilt, settings, "mount")).findings == []


async def test_lockouts(spoilt: tuple[Server, SecretStr], settings: Settings) -> None:
    server, admin = spoilt
    assert (await looked(spoilt, settings, "lockouts")).findings == []
    await write(server, "POST", "auth/userpass/users/forgetful", {"password": PASSWORD.get_secret_value()})
    async with server.vault() as vault:
        for _ in range(6):
            with pytest.raises(NotSignedIn):
                await login_userpass(vault.session(Caller(SecretStr(""))), "forgetful", SecretStr("x"), "userpass")
        [locked] = (await looked(spoilt, settings, "lockouts")).findings
        assert "userpass/ after wrong passwords: forgetful." in locked.what
        unlock = locked.mend.rpartition("bao write -f ")[2].replace("NAME", "forgetful")
        await vault.session(Caller(admin)).send("POST", unlock, body={})
        await login_userpass(vault.session(Caller(SecretStr(""))), "forgetful", PASSWORD, "userpass")
    await write(server, "POST", "sys/auth/userpass/tune", {"user_lockout_config": {"lockout_disable": True}})
    [careless] = (await looked(spoilt, settings, "lockouts")).findings
    assert "userpass/ locks nobody out" in careless.what
    await write(server, "POST", "sys/auth/userpass/tune", {"user_lockout_config": {"lockout_disable": False}})
    assert (await looked(spoilt, settings, "lockouts")).findings == []


async def test_status_accounts(spoilt: tuple[Server, SecretStr], settings: Settings) -> None:
    key = SecretStr("k" * 32)
    identity = {"adapter_role_id": "r", "adapter_secret_id": SecretStr("s")}
    assert (await looked(spoilt, settings, "status-accounts")).findings == []
    whole = settings.model_copy(update={"jwt_secret": key, **identity})
    assert (await looked(spoilt, whole, "status-accounts")).findings == []
    [short] = (
        await looked(spoilt, whole.model_copy(update={"jwt_secret_previous": SecretStr("k" * 31)}), "status-accounts")
    ).findings
    assert "shorter than 32 bytes" in short.what
    [alone] = (await looked(spoilt, settings.model_copy(update={"jwt_secret": key}), "status-accounts")).findings
    assert "no identity" in alone.what
    assert "kkk" not in short.what + short.mend + alone.what + alone.mend
