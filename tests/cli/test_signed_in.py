"""How a command gets to the API."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapter.cli.signed_in import signed_in
from adapter.errors import Invalid, NotSignedIn, Unreachable
from adapter.settings import load_settings
from tests.support.bao import free_port
from tests.support.server import People, Server


def _at(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)


async def test_with_the_token_of_the_environment(
    server: Server, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    _at(server, monkeypatch)
    monkeypatch.setenv("VAULT_TOKEN", people["developer"].token.get_secret_value())
    async with signed_in(load_settings(), "test") as client:
        assert (await client.me()).name == people["developer"].name
    assert not client.signed_in


async def test_with_the_token_that_a_sign_in_left(
    server: Server, people: People, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _at(server, monkeypatch)
    (own_home / ".vault-token").write_text(people["viewer"].token.get_secret_value())
    async with signed_in(load_settings(), "test") as client:
        assert (await client.me()).name == people["viewer"].name


async def test_the_log_names_the_command(server: Server, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    if server.audit_log is None:
        pytest.skip("the log of a server that was given is not ours to read")
    _at(server, monkeypatch)
    monkeypatch.setenv("VAULT_TOKEN", people["viewer"].token.get_secret_value())
    async with signed_in(load_settings(), "some-command") as client:
        await client.secrets(scope="global")
    lines = [json.loads(line) for line in server.audit_log.read_text().splitlines()]
    clients = [name for line in lines for name in line["request"].get("headers", {}).get("x-status-client", [])]
    assert any(name.startswith("some-command/") for name in clients)


async def test_without_a_token_or_with_a_wrong_one(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    _at(server, monkeypatch)
    with pytest.raises(NotSignedIn):
        async with signed_in(load_settings(), "test"):
            pass
    monkeypatch.setenv("VAULT_TOKEN", "s.wrong")
    with pytest.raises(NotSignedIn):
        async with signed_in(load_settings(), "test") as client:
            await client.me()


async def test_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "s.any")
    with pytest.raises(Invalid):
        async with signed_in(load_settings(), "test"):
            pass


async def test_the_adapter_that_the_settings_name_comes_first(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    _at(server, monkeypatch)
    monkeypatch.setenv("VAULT_TOKEN", "s.any")
    monkeypatch.setenv("STATUS_ADAPTER_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unreachable):
        async with signed_in(load_settings(), "test") as client:
            await client.me()
