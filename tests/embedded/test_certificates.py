"""The data folder's certificates: made once, renewed in time, naming what the server is reached at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from dev_vault.layout import DataFolder
from dev_vault.tls import ensure_certificates

NOW = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.make()
    made.make_folders()
    ensure_certificates(made, ["127.0.0.1"], NOW)
    return made


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _renewed(folder: DataFolder, *hosts: str, days: int = 0) -> tuple[bool, bool]:
    """Whether the authority and the server's certificate are others after a start so many days later."""
    before = folder.ca_cert.read_bytes(), folder.server_cert.read_bytes()
    ensure_certificates(folder, hosts, NOW + timedelta(days=days))
    return before[0] != folder.ca_cert.read_bytes(), before[1] != folder.server_cert.read_bytes()


def test_what_is_made(folder: DataFolder) -> None:
    server, ca = _certificate(folder.server_cert), _certificate(folder.ca_cert)
    server.verify_directly_issued_by(ca)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert server.not_valid_after_utc == NOW + timedelta(days=397)
    assert ca.not_valid_after_utc == NOW + timedelta(days=3652)


@pytest.mark.parametrize(
    ("days", "renewed"),
    [(0, (False, False)), (366, (False, False)), (368, (False, True)), (3600, (False, True)), (3630, (True, True))],
)
def test_renewal(folder: DataFolder, days: int, renewed: tuple[bool, bool]) -> None:
    assert _renewed(folder, days=days) == renewed
    assert _renewed(folder, days=days) == (False, False)


def test_a_new_host_gets_a_certificate_that_keeps_being_used(folder: DataFolder) -> None:
    assert _renewed(folder, "vault.example.org", "10.0.0.7") == (False, True)
    assert _renewed(folder, "127.0.0.1") == (False, False)


@pytest.mark.parametrize(
    ("name", "renewed"),
    [("ca.pem", (True, True)), ("ca.key", (True, True)), ("server.pem", (False, True)), ("server.key", (False, True))],
)
def test_a_spoilt_file_is_replaced(folder: DataFolder, name: str, renewed: tuple[bool, bool]) -> None:
    (folder.tls / name).write_text("-----BEGIN NOTHING-----\n")
    assert _renewed(folder) == renewed


def test_a_key_of_another_certificate_is_replaced(folder: DataFolder, tmp_path: Path) -> None:
    other = DataFolder(tmp_path / "other")
    other.make()
    other.make_folders()
    ensure_certificates(other, [], NOW)
    folder.server_key.write_bytes(other.server_key.read_bytes())
    assert _renewed(folder) == (False, True)


def test_a_name_that_no_certificate_can_carry_is_left_out(folder: DataFolder) -> None:
    assert _renewed(folder, "." * 3, "x" * 70) == (False, False)
