"""The log of a real server, sealed by the adapter's own identity and verified by an ADMIN."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotFound
from adapter.provision.people import adapter_credentials
from adapter.service.app import Services
from adapter.service.own_identity import OwnIdentity
from adapter.service.sealing import Sealer, book_of, verification
from adapter.settings import Settings, load_settings
from adapter.vault import Caller, Vault
from tests.conftest import WANTED
from tests.support.server import People, Server


@pytest.fixture
def log(server: Server, tmp_path: Path) -> Path:
    """A copy of the server's log so far, which the test may change."""
    if server.audit_log is None:
        pytest.skip("the server that was given writes its log elsewhere")
    path = tmp_path / "audit.log"
    path.write_bytes(server.audit_log.read_bytes())
    return path


@pytest.fixture
def settings(server: Server, log: Path, tmp_path: Path) -> Settings:
    seals = tmp_path / "seals"
    return load_settings(vault_addr=server.url, vault_cacert=server.cacert, audit_log=(log,), audit_seals=seals)


async def sealer(vault: Vault, server: Server, settings: Settings) -> Sealer:
    role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
    return Sealer(OwnIdentity(vault, role_id, secret_id), settings.audit_log, book_of(settings), vault.mount)


async def test_sealed_and_verified(server: Server, people: People, settings: Settings, log: Path) -> None:
    async with server.vault() as vault:
        one = await sealer(vault, server, settings)
        assert await one.seal() == 1
        admin = Services(vault).act(Caller(people["admin"].token))
        verdict = await verification(admin, settings)
        assert verdict.damages == []
        assert verdict.sealed == len(log.read_bytes().splitlines())
        lines = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join(lines[:7] + lines[8:]))
        [damage] = (await verification(admin, settings)).damages
        assert damage.what.startswith(f"{log}: a line was removed after line 7 (after 20")
        log.write_bytes(b"".join(lines))
        seals = settings.audit_seals / "seals.jsonl"
        forged = json.loads(seals.read_text()) | {"signature": "vault:v1:" + "A" * 86 + "=="}
        seals.write_text(json.dumps(forged) + "\n")
        [damage, *_] = (await verification(admin, settings)).damages
        assert "is not signed by the vault" in damage.what


def test_each_log_has_seals_of_its_own() -> None:
    """Those of another vault, made with another key, would look forged."""
    folders = [book_of(load_settings(audit_log=(Path(name),))).folder for name in ("/a/audit.log", "/b/audit.log")]
    assert folders[0] != folders[1]
    assert folders[0].parent == folders[1].parent


async def test_the_key_stays_and_signs_for_the_adapter_alone(
    server: Server, people: People, settings: Settings
) -> None:
    async with server.vault() as vault:
        for name in ("viewer", "developer"):
            with pytest.raises(NotAllowed, match="ADMIN"):
                await verification(Services(vault).act(Caller(people[name].token)), settings)
        for person in people.values():
            with pytest.raises(NotAllowed):
                await vault.session(Caller(person.token)).send("POST", "status-seal/sign/log", body={"input": "eA=="})
        root = vault.session(Caller(server.token))
        with pytest.raises((Invalid, NotFound)):
            await root.send("GET", "status-seal/export/signing-key/log")


async def test_without_an_identity_nothing_is_sealed(server: Server, settings: Settings) -> None:
    async with server.vault() as vault:
        own = OwnIdentity(vault, "nobody", SecretStr("nothing"))
        with pytest.raises(NotAllowed):
            await Sealer(own, settings.audit_log, book_of(settings), vault.mount).seal()
    assert not settings.audit_seals.exists()
