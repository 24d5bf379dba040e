"""Settings from the environment and the file, and what is refused."""

from pathlib import Path
from typing import get_origin

import pytest

from adapter.errors import Invalid
from adapter.model.urls import check_url
from adapter.settings import Settings, load_settings, own_secret_id, parse_host_port, token_at_hand
from adapter.vault.connection import Connection
from tests.support.server import Server


def test_bao_spellings_win_over_vault_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", "https://vault.example:8200")
    assert load_settings().vault_addr == "https://vault.example:8200"
    monkeypatch.setenv("BAO_ADDR", "https://bao.example:8200/")
    assert load_settings().vault_addr == "https://bao.example:8200"


def test_the_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        'vault_addr = "https://file.example"\nmount = "secrets"\nallowed_origins = ["https://a", "https://b"]\n'
    )
    monkeypatch.setenv("STATUS_CONFIG", str(file))
    settings = load_settings()
    assert (settings.vault_addr, settings.mount) == ("https://file.example", "secrets")
    assert settings.allowed_origins == ("https://a", "https://b")
    monkeypatch.setenv("STATUS_MOUNT", "other")
    monkeypatch.setenv("VAULT_ADDR", "https://env.example")
    monkeypatch.setenv("STATUS_ALLOWED_ORIGINS", "https://c, https://d")
    settings = load_settings()
    assert (settings.vault_addr, settings.mount) == ("https://env.example", "other")
    assert settings.allowed_origins == ("https://c", "https://d")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("VAULT_ADDR", "http://vault.example:8200", "plain http is refused"),
        ("VAULT_ADDR", "vault.example:8200", "https://"),
        ("VAULT_ADDR", "https://me:secret@vault.example", "no user name"),
        ("VAULT_SKIP_VERIFY", "true", "cannot be switched off"),
        ("STATUS_MOUNT", "../sys", "STATUS_MOUNT"),
        ("STATUS_MAX_VERSIONS", "21", r"\(1 to 20\)"),
        ("STATUS_TIMEOUT", "-1.5", r"\(more than 0.*, 600.* at most\)"),
        ("STATUS_TIMEOUT", "6e9", r"\(more than 0.*, 600.* at most\)"),
        ("STATUS_AUDIT_KEEP_MB", "9", r"\(from 10\)"),
        ("STATUS_AUDIT_SEAL_EVERY", "86401", r"\(0 to 86400\)"),
        ("STATUS_EVENTS_INTERVAL", "0.05", r"\(0\.1 to 3600.*\)"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Invalid, match=words) as caught:
        load_settings()
    assert value not in caught.value.detail


def test_a_key_that_is_no_setting_is_not_repeated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    monkeypatch.setenv("STATUS_CONFIG", str(file))
    for key, hint in (
        ("max_version", "max_versions is meant"),
        ("vault_adr", "vault_addr is meant"),
        ("c4n4ry", "Mend"),
    ):
        file.write_text(f"{key} = 1\n")
        with pytest.raises(Invalid, match="no setting") as caught:
            load_settings()
        assert hint in caught.value.hint
        assert "c4n4ry" not in caught.value.detail + caught.value.hint
    monkeypatch.setenv("STATUS_CONFIG", str(tmp_path / "missing.toml"))
    with pytest.raises(Invalid, match="STATUS_CONFIG"):
        load_settings()


@pytest.mark.parametrize("content", ["", " \n"])
def test_a_file_of_a_secret_that_is_empty(tmp_path: Path, content: str) -> None:
    file = tmp_path / "secret-id"
    file.write_text(content)
    with pytest.raises(Invalid, match="STATUS_ADAPTER_SECRET_ID_FILE names is empty"):
        own_secret_id(load_settings(adapter_role_id="r", adapter_secret_id_file=file))


def test_a_broken_file_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("mount = ")
    monkeypatch.setenv("STATUS_CONFIG", str(file))
    with pytest.raises(Invalid) as caught:
        load_settings()
    assert str(file) in caught.value.hint


@pytest.mark.parametrize("url", ["http://127.0.0.1:8200", "http://localhost", "http://[::1]:1", "https://x.example"])
def test_addresses_that_are_safe(url: str) -> None:
    assert check_url(url) == url


def test_the_token_is_found_where_the_command_line_clients_find_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert token_at_hand(load_settings()) is None
    (Path.home() / ".vault-token").write_text("s.file\n")
    found = token_at_hand(load_settings())
    assert found is not None
    assert found.get_secret_value() == "s.file"
    monkeypatch.setenv("VAULT_TOKEN", "s.vault")
    monkeypatch.setenv("BAO_TOKEN", "s.bao")
    settings = load_settings()
    found = token_at_hand(settings)
    assert found is not None
    assert found.get_secret_value() == "s.bao"
    assert "s.bao" not in repr(settings)


def test_listening_addresses() -> None:
    assert parse_host_port("127.0.0.1:8350", "listen") == ("127.0.0.1", 8350)
    assert parse_host_port("[::1]:8350", "listen") == ("::1", 8350)
    for text in ("8350", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", ":1", "a:b"):
        with pytest.raises(Invalid):
            parse_host_port(text, "listen")


def test_a_ca_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="certificate file"):
        Connection("https://127.0.0.1:1", cacert=tmp_path / "missing.pem").ssl_context()


def test_no_vault_named() -> None:
    with pytest.raises(Invalid, match="No vault"):
        Connection.from_settings(load_settings())


def test_a_folder_of_ca_files_needs_no_hashed_names(server: Server, tmp_path: Path) -> None:
    if server.cacert is None:
        pytest.skip("the server that was given has no CA file")
    (tmp_path / "whatever.pem").write_bytes(server.cacert.read_bytes())
    context = Connection(server.url, capath=tmp_path).ssl_context()
    assert len(context.get_ca_certs()) == 1
    with pytest.raises(Invalid, match="certificate file"):
        Connection(server.url, capath=tmp_path / "missing").ssl_context()


def test_an_error_names_the_setting_as_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", "http://vault.example")
    with pytest.raises(Invalid, match="VAULT_ADDR"):
        load_settings()
    monkeypatch.delenv("VAULT_ADDR")
    monkeypatch.setenv("STATUS_MAX_VERSIONS", "50")
    with pytest.raises(Invalid, match="STATUS_MAX_VERSIONS"):
        load_settings()


def test_every_list_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = [name for name, field in Settings.model_fields.items() if get_origin(field.annotation) is tuple]
    assert {"allowed_origins", "jwt_default_scopes"} <= set(lists)
    given = {
        "allowed_origins": "https://a,https://b",
        "auth_methods": "userpass,ldap:corp",
        "jwt_default_scopes": "global,environment/qa",
        "trusted_proxies": "127.0.0.1,::1",
    }
    for name in lists:
        monkeypatch.setenv(f"STATUS_{name.upper()}", given.get(name, "one,two"))
    settings = load_settings()
    for name in lists:
        assert tuple(map(str, getattr(settings, name))) == tuple(given.get(name, "one,two").split(","))


@pytest.mark.parametrize(
    ("origin", "is_one"),
    [
        ("https://status.example.org", True),
        ("http://localhost:3000", True),
        ("http://[::1]:3000", True),
        ("*", False),
        ("null", False),
        ("https://*.example.org", False),
        ("https://status.example.org/", False),
        ("https://Status.example.org", False),
        ("status.example.org", False),
        ("https://user@status.example.org", False),
    ],
)
def test_an_origin_is_spelt_as_browsers_do(monkeypatch: pytest.MonkeyPatch, origin: str, is_one: bool) -> None:
    monkeypatch.setenv("STATUS_ALLOWED_ORIGINS", f"https://a,{origin}")
    if is_one:
        assert load_settings().allowed_origins == ("https://a", origin)
        return
    with pytest.raises(Invalid, match="STATUS_ALLOWED_ORIGINS"):
        load_settings()
