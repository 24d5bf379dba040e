"""Where the server is, and how its certificate is checked."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapter.errors import Invalid
from adapter.model.urls import check_url


class ConnectionSettings(Protocol):
    """Those of the settings that say where the server is."""

    @property
    def vault_addr(self) -> str | None: ...
    @property
    def vault_cacert(self) -> Path | None: ...
    @property
    def vault_capath(self) -> Path | None: ...
    @property
    def vault_client_cert(self) -> Path | None: ...
    @property
    def vault_client_key(self) -> Path | None: ...
    @property
    def vault_tls_server_name(self) -> str | None: ...
    @property
    def vault_namespace(self) -> str | None: ...
    @property
    def timeout(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """A server's address, its CA, our client certificate, the namespace; times are in seconds."""

    url: str
    cacert: Path | None = None
    capath: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    server_name: str | None = None
    namespace: str | None = None
    timeout: float = 30.0

    def __post_init__(self) -> None:
        check_url(self.url)

    @classmethod
    def from_settings(cls, settings: ConnectionSettings) -> Connection:
        """The connection that `VAULT_ADDR` and its companions name. Raises Invalid without an address."""
        if settings.vault_addr is None:
            raise Invalid(
                "No vault is named.", hint="Set VAULT_ADDR or BAO_ADDR, or run status-secrets dev for one of your own."
            )
        return cls(
            url=settings.vault_addr,
            cacert=settings.vault_cacert,
            capath=settings.vault_capath,
            client_cert=settings.vault_client_cert,
            client_key=settings.vault_client_key,
            server_name=settings.vault_tls_server_name,
            namespace=settings.vault_namespace,
            timeout=settings.timeout,
        )

    def ssl_context(self) -> ssl.SSLContext:
        """Strict checks against the CA given, else the system's. Raises Invalid when a file cannot be used."""
        try:
            context = ssl.create_default_context(cafile=str(self.cacert) if self.cacert else None)
            if self.capath and not self.cacert:
                context = _trusting_all_in(self.capath)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.client_cert:
                context.load_cert_chain(self.client_cert, self.client_key)
        except (OSError, ssl.SSLError) as error:
            raise Invalid(
                f"A certificate file of the vault connection cannot be used ({type(error).__name__}).",
                hint="Check VAULT_CACERT, VAULT_CAPATH, VAULT_CLIENT_CERT and VAULT_CLIENT_KEY.",
            ) from None
        return context


def _trusting_all_in(folder: Path) -> ssl.SSLContext:
    """Trusts every certificate file in a folder, whatever its name, as the command-line clients do. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for file in sorted(folder.iterdir()):
        if file.is_file():
            context.load_verify_locations(cafile=str(file))
    return context
