"""The settings of the quick commands are those that `load_settings` finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from adapter.cli.quick_settings import QuickSettings, quick_settings
from adapter.errors import Invalid
from adapter.settings import load_settings

GIVEN = {
    "BAO_ADDR": "https://bao.example:8200/",
    "VAULT_ADDR": "https://vault.example:8200",
    "VAULT_TOKEN": "s.x",
    "VAULT_CACERT": "/ca.pem",
    "BAO_CAPATH": "/cas",
    "VAULT_CLIENT_CERT": "/c.pem",
    "VAULT_CLIENT_KEY": "/k.pem",
    "VAULT_TLS_SERVER_NAME": "name",
    "VAULT_NAMESPACE": "ns",
    "STATUS_ADAPTER_URL": "http://127.0.0.1:8350/",
    "STATUS_ADAPTER_CACERT": "/a.pem",
    "STATUS_MOUNT": "a/b",
    "STATUS_APPROLE_MOUNT": "approle",
    "STATUS_API_PREFIX": "/x",
    "STATUS_TIMEOUT": "3.5",
    "STATUS_ROLE_ID": "r",
    "STATUS_SECRET_ID": "s",
    "STATUS_SECRET_ID_FILE": "/s",
    "STATUS_TOKEN_FILE": "/t",
}


def all_of() -> QuickSettings:
    settings = load_settings()
    values = {name: getattr(settings, name) for name in QuickSettings.__dataclass_fields__}
    return QuickSettings(
        **{name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in values.items()}
    )


def test_none() -> None:
    assert quick_settings() == all_of() == QuickSettings()


def test_each_and_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
        assert quick_settings() == all_of()
        assert value not in ("s.x", "s") or f"'{value}'" not in repr(quick_settings())
    assert quick_settings().vault_addr == "https://bao.example:8200"


def test_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('vault_addr = "https://file.example"\nsecret_id_file = "/s"\n')
    monkeypatch.setenv("STATUS_CONFIG", str(file))
    monkeypatch.setenv("STATUS_ROLE_ID", "r")
    assert quick_settings() == all_of()
    assert quick_settings().vault_addr == "https://file.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VAULT_ADDR", "http://vault.example"),
        ("VAULT_SKIP_VERIFY", "1"),
        ("STATUS_MOUNT", "../x"),
        ("STATUS_TIMEOUT", "0"),
        ("STATUS_TIMEOUT", "soon"),
        ("STATUS_CONFIG", "/does/not/exist"),
        ("STATUS_API_PREFIX", "x"),
    ],
)
def test_the_same_refusals(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Invalid) as quick:
        quick_settings()
    with pytest.raises(Invalid) as full:
        load_settings()
    assert str(quick.value) == str(full.value)
