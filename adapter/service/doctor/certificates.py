"""The certificates of the vault and of the adapter: whether they are trusted, and for how long they last."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from adapter.errors import Unreachable
from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.settings import Settings
from adapter.vault import problems
from adapter.vault.connection import Connection

SOON = timedelta(days=21)
SECONDS = 10.0


async def look(act: Act, settings: Settings) -> list[Finding]:
    """Findings for what has ended or ends within three weeks, and for a connection without TLS."""
    found = await _of_vault(act, Connection.from_settings(settings))
    if settings.tls_cert is not None:
        found += _of_adapter(act, settings.tls_cert)
    return found


async def _of_vault(act: Act, connection: Connection) -> list[Finding]:
    url = urlsplit(connection.url)
    if url.scheme != "https":
        what = "The vault is reached without TLS: other programs of this machine can read along."
        return [Finding(what, "Give its listener a certificate, and an https address in VAULT_ADDR.")]
    context = connection.ssl_context()
    name = connection.server_name or url.hostname
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(url.hostname, url.port or 443, ssl=context, server_hostname=name)
    except ssl.SSLCertVerificationError:
        raise problems.untrusted() from None
    except (OSError, TimeoutError):
        raise problems.unreachable() from None
    try:
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True)
    finally:
        writer.close()
    if certificate is None:
        raise Unreachable("The vault shows no certificate.", hint="Check VAULT_ADDR.")
    return _dates("The vault's certificate", x509.load_der_x509_certificate(certificate), act.now)


def _of_adapter(act: Act, file: Path) -> list[Finding]:
    try:
        chain = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        return [Finding("The adapter's certificate cannot be read.", "STATUS_TLS_CERT names a PEM file.")]
    return [finding for one in chain for finding in _dates(f"The adapter's certificate {_subject(one)}", one, act.now)]


def _subject(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or f"{certificate.serial_number:x}"


def _dates(which: str, certificate: x509.Certificate, now: datetime) -> list[Finding]:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        return [Finding(f"{which} begins only on {begins:%Y-%m-%d %H:%M} UTC.", "Check the clocks.")]
    if now >= ends:
        return [Finding(f"{which} ended on {ends:%Y-%m-%d}.", "Replace it now: nobody can connect.")]
    if ends - now < SOON:
        return [Finding(f"{which} ends in {(ends - now).days} days, on {ends:%Y-%m-%d}.", "Replace it before that.")]
    return []


check = Check("certificates", "TLS certificates and their dates", look)
