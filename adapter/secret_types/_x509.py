"""What certificates and certificate requests say, as metadata shows it; which certificate issued which."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256

from adapter.errors import Invalid
from adapter.model.records import iso
from adapter.secret_types._base import api_name
from adapter.secret_types._keys import PARSING as KEY_PARSING
from adapter.secret_types._keys import describe
from adapter.secret_types._pem import Block
from adapter.secret_types._text import attempt, fit, fit_list

PARSING = (
    *KEY_PARSING,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What cryptography raises for a certificate that it cannot read, now or when a part is looked at."""

Signed = x509.Certificate | x509.CertificateSigningRequest


def read_certificate(block: Block) -> x509.Certificate:
    """Raises Invalid for one that cannot be read in every part that is used."""

    def read() -> x509.Certificate:
        found = x509.load_pem_x509_certificate(block.text.encode())
        facts(found)
        is_authority(found)
        return found

    certificate = attempt(read, *PARSING)
    if certificate is None:
        raise Invalid.field(
            api_name(block.field), "A certificate cannot be read.", hint="It is damaged: copy it again."
        )
    return certificate


def read_request(block: Block) -> x509.CertificateSigningRequest:

    def read() -> x509.CertificateSigningRequest:
        found = x509.load_pem_x509_csr(block.text.encode())
        facts(found)
        return found

    request = attempt(read, *PARSING)
    if request is None or not attempt(lambda: request.is_signature_valid, *PARSING):
        raise Invalid.field(api_name(block.field), "The certificate request cannot be read.", hint="Copy it again.")
    return request


def facts(found: Signed) -> dict[str, str]:
    """The public facts; times in ISO 8601, the serial and the fingerprint as openssl prints them."""
    told = {
        "subject": fit(found.subject.rfc4514_string()),
        "sans": fit_list(_alternative_names(found)),
        "key_type": describe(found.public_key()),
    }
    if isinstance(found, x509.Certificate):
        serial = f"{found.serial_number:X}"
        told |= {
            "issuer": fit(found.issuer.rfc4514_string()),
            "serial": serial.zfill(len(serial) + len(serial) % 2),
            "not_before": iso(found.not_valid_before_utc),
            "not_after": iso(found.not_valid_after_utc),
            "fingerprint": found.fingerprint(SHA256()).hex(":").upper(),
        }
    else:
        told["pending"] = "certificate request"
    return {key: text for key, text in told.items() if text}


def _alternative_names(found: Signed) -> list[str]:
    for extension in found.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            return [_name(name) for name in extension.value]
    return []


def _name(name: x509.GeneralName) -> str:
    """As `openssl x509 -ext subjectAltName` writes it."""
    if isinstance(name, x509.DNSName):
        return f"DNS:{name.value}"
    if isinstance(name, x509.IPAddress):
        return f"IP Address:{name.value}"
    if isinstance(name, x509.RFC822Name):
        return f"email:{name.value}"
    return f"URI:{name.value}" if isinstance(name, x509.UniformResourceIdentifier) else "other"


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether it may sign others: CAs of version 1 say nothing about it."""
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.BasicConstraints):
            return extension.value.ca
    return certificate.version is x509.Version.v1


def issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether the one signed the other."""
    if issuer.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *PARSING):
        return False
    return True


def path(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Those of the others that lead from the leaf upwards, nearest first; cross-signed ones side by side."""
    found: list[x509.Certificate] = []
    level, waiting = [leaf], list(others)
    while level:
        level = [one for one in waiting if is_authority(one) and any(issued(one, lower) for lower in level)]
        waiting = [one for one in waiting if one not in level]
        found += level
    return found
