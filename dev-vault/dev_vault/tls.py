"""The certificate authority of the data folder, and the server certificate that it signs."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dev_vault.layout import DataFolder, explained, write_private

CA_LASTS = timedelta(days=3652)
SERVER_LASTS = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)
ALWAYS = ("localhost", "127.0.0.1", "::1")

Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def ensure_certificates(folder: DataFolder, hosts: Iterable[str], now: datetime | None = None) -> None:
    """Make or renew what is missing, ends within 30 days, or does not name all of `hosts`. Raises SetupFailed."""
    now = now or datetime.now(UTC)
    ca_key = folder.tls / "ca.key"
    with explained(folder.root):
        ca = _load(folder.ca_cert, ca_key)
        if ca is None or _ends_soon(ca[0], now):
            ca = _new_ca(now)
            _store(ca, folder.ca_cert, ca_key)
        names = _names((*ALWAYS, *hosts))
        server = _load(folder.server_cert, folder.server_key)
        if server is None or not _serves(server[0], ca[0], names, now):
            _store(_new_server(ca, names, now), folder.server_cert, folder.server_key)


def _load(cert_file: Path, key_file: Path) -> Pair | None:
    """A certificate with its key; None when either is missing or spoilt, or they do not belong together."""
    try:
        cert = x509.load_pem_x509_certificate(cert_file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or cert.public_key() != key.public_key():
        return None
    return cert, key


def _store(pair: Pair, cert_file: Path, key_file: Path) -> None:
    cert, key = pair
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_private(key_file, pem)
    write_private(cert_file, cert.public_bytes(serialization.Encoding.PEM))


def _ends_soon(cert: x509.Certificate, now: datetime) -> bool:
    return not cert.not_valid_before_utc <= now < cert.not_valid_after_utc - RENEW_BEFORE


def _serves(cert: x509.Certificate, ca: x509.Certificate, names: list[x509.GeneralName], now: datetime) -> bool:
    try:
        cert.verify_directly_issued_by(ca)
        carried = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return not _ends_soon(cert, now) and set(names) <= set(carried)


def _names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    """Each host once, as an IP address or a DNS name."""
    names: list[x509.GeneralName] = []
    for host in dict.fromkeys(hosts):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            with suppress(UnicodeError):  # a name that no certificate can carry
                names.append(x509.DNSName(host.encode("idna").decode("ascii")))
    return names


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    # A few minutes back, for clocks that disagree a little.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _new_ca(now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    # The serial in the name keeps a renewed authority apart from the one before it in a trust store.
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"STATUS Secrets local CA {x509.random_serial_number() % 16**8:08x}")]
    )
    cert = (
        _builder(name, name, key.public_key(), now, now + CA_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(ca=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return cert, key


def _new_server(ca: Pair, names: list[x509.GeneralName], now: datetime) -> Pair:
    ca_cert, ca_key = ca
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "STATUS Secrets")])
    until = min(now + SERVER_LASTS, ca_cert.not_valid_after_utc)
    cert = (
        _builder(subject, ca_cert.subject, key.public_key(), now, until)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    return cert, key
