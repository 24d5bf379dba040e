"""Certificates made here: self-signed, or a request for a certification authority; each with a new private key."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.text import check_line
from adapter.secret_types._base import Submission, check_range
from adapter.secret_types._keys import check_passphrase
from adapter.secret_types._text import attempt

KeyType = Literal["ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048", "rsa-3072", "rsa-4096"]
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_HOST = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.I)

MOST_NAMES = 100


@dataclass(frozen=True, slots=True)
class Recipe:
    """`names`: DNS names and IP addresses, the common name when there is none; `request`: a CSR instead of a leaf."""

    common_name: str
    names: tuple[str, ...] = ()
    organization: str = ""
    days: int = 365
    key: KeyType = "ecdsa-p256"
    request: bool = False
    passphrase: SecretStr | None = None


def generate(recipe: Recipe, now: datetime) -> Submission:
    """The certificate or the request as `value`, with `private_key`. Raises Invalid for a recipe out of range."""
    check_range("days", "number of days", recipe.days, 1, 3650)
    subject = _subject(recipe)
    names = _alternative_names(recipe)
    passphrase = check_passphrase(recipe.passphrase)
    key = _new_key(recipe.key)
    made: x509.Certificate | x509.CertificateSigningRequest
    made = _request(subject, names, key) if recipe.request else _self_signed(subject, names, key, recipe.days, now)
    encryption = BestAvailableEncryption(passphrase.get_secret_value().encode()) if passphrase else NoEncryption()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()
    fields = {"private_key": SecretStr(text)} | ({"passphrase": passphrase} if passphrase else {})
    return Submission(SecretStr(made.public_bytes(Encoding.PEM).decode()), fields)


def _subject(recipe: Recipe) -> x509.Name:
    common = check_line("commonName", "common name", recipe.common_name.strip(), 64)
    if not common:
        raise Invalid.field("commonName", "The common name is empty.", hint="Enter the name of the server or client.")
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    organization = check_line("organization", "organization", recipe.organization.strip(), 64)
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] * bool(organization) + parts)


def _alternative_names(recipe: Recipe) -> x509.SubjectAlternativeName | None:
    if len(recipe.names) > MOST_NAMES:
        raise Invalid.field("names", f"There are more than {MOST_NAMES} names.", hint="Use a wildcard.")
    found = [_name(name) for name in recipe.names or (recipe.common_name,)]
    known = [name for name in found if name is not None]
    if recipe.names and len(known) < len(found):
        hint = "DNS names (also *.example.org) and IP addresses are taken; write others in their xn-- form."
        raise Invalid.field("names", "A name is neither a DNS name nor an IP address.", hint=hint)
    return x509.SubjectAlternativeName(known) if known else None


def _name(text: str) -> x509.GeneralName | None:
    address = attempt(lambda: ipaddress.ip_address(text.strip()), ValueError)
    if address is not None:
        return x509.IPAddress(address)
    return x509.DNSName(text.strip()) if len(text) <= 253 and _HOST.fullmatch(text.strip()) else None


def _new_key(kind: KeyType) -> Key:
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind in ("ecdsa-p256", "ecdsa-p384"):
        return ec.generate_private_key(ec.SECP256R1() if kind == "ecdsa-p256" else ec.SECP384R1())
    if kind in ("rsa-2048", "rsa-3072", "rsa-4096"):
        return rsa.generate_private_key(65537, int(kind.removeprefix("rsa-")))
    raise Invalid.field("key", "Keys of that kind are not made here.", hint="ecdsa-p256, ed25519, rsa-3072, …")


def _digest(key: Key) -> SHA256 | None:
    """Ed25519 brings its own."""
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()


def _self_signed(
    subject: x509.Name, names: x509.SubjectAlternativeName | None, key: Key, days: int, now: datetime
) -> x509.Certificate:
    start = now.replace(microsecond=0)
    usage = x509.KeyUsage(True, False, isinstance(key, rsa.RSAPrivateKey), False, False, False, False, False, False)
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return (builder.add_extension(names, critical=False) if names else builder).sign(key, _digest(key))


def _request(subject: x509.Name, names: x509.SubjectAlternativeName | None, key: Key) -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder(subject)
    return (builder.add_extension(names, critical=False) if names else builder).sign(key, _digest(key))
